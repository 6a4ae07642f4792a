module git.example/team/ledgers

go 1.25
