package main

import (
	"runtime"
	"syscall"
)

// The main goroutine stays on the main thread, which `Pdeathsig` counts as the parent.
func init() { runtime.LockOSThread() }

// ownProcess: a server gets no Ctrl-C of the terminal's, and dies with this program however that ends.
func ownProcess() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
