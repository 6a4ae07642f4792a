module git.example/team/stock

go 1.25
