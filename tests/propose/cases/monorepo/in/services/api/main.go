package main

var live = "/healthz"
