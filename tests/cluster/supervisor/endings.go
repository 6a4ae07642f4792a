package main

import (
	"io"
	"os"
	"os/signal"
	"syscall"
)

// endings is closed by a signal, and when whoever started this program closes its stdin or is gone.
func endings() <-chan struct{} {
	end := make(chan struct{})
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	closed := make(chan struct{})
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		close(closed)
	}()
	go func() {
		select {
		case <-signals:
		case <-closed:
		}
		close(end)
	}()
	return end
}
