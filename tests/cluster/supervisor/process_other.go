//go:build !linux

package main

import "syscall"

// ownProcess: a server gets no Ctrl-C of the terminal's. Only Linux can tie it to the end of this program as well.
func ownProcess() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
