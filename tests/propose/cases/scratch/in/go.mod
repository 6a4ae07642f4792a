module git.example/team/gate

go 1.25
