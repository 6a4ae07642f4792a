package main

import (
	"io"
	"os"
	"os/signal"
	"syscall"
)

// endings is closed by a signal, and with `stdin` also when whoever started this program closes its stdin or is gone.
func endings(stdin bool) <-chan struct{} {
	end := make(chan struct{})
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	closed := make(chan struct{})
	if stdin {
		go func() {
			_, _ = io.Copy(io.Discard, os.Stdin)
			close(closed)
		}()
	}
	go func() {
		select {
		case <-signals:
		case <-closed:
		}
		close(end)
	}()
	return end
}
