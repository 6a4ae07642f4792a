package main

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

const folderPattern = "gen-cluster-"

// folder holds all data of one control plane. A lock tells other runs that it is in use; what a killed run left behind
// is removed by the next one.
type folder struct {
	path string
	lock *os.File
}

func newFolder(in string) (*folder, error) {
	sweep(in)
	path, err := os.MkdirTemp(in, folderPattern)
	if err != nil {
		return nil, fmt.Errorf("no folder for the data: %w", err)
	}
	lock, err := locked(path)
	if err != nil {
		return nil, fmt.Errorf("cannot lock %s: %w", path, err)
	}
	return &folder{path: path, lock: lock}, nil
}

func (f *folder) remove() {
	if err := os.RemoveAll(f.path); err != nil {
		fmt.Fprintln(os.Stderr, "cluster: data stays behind:", err)
	}
	f.lock.Close()
}

func locked(path string) (*os.File, error) {
	file, err := os.OpenFile(filepath.Join(path, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		file.Close()
		return nil, err
	}
	return file, nil
}

// sweep removes the folders of runs that are no more. One without a lock is just being made.
func sweep(in string) {
	found, _ := filepath.Glob(filepath.Join(in, folderPattern+"*"))
	for _, path := range found {
		if _, err := os.Stat(filepath.Join(path, "lock")); err != nil {
			continue
		}
		lock, err := locked(path)
		if err != nil {
			continue
		}
		_ = os.RemoveAll(path)
		lock.Close()
	}
}
