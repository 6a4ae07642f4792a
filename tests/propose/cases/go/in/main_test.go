package main

import "testing"

func TestOk(t *testing.T) {}
