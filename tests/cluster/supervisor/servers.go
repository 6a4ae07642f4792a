package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// servers are the processes of the control plane. All are killed, never asked: an API server takes a minute to stop.
type servers struct {
	folder  string
	died    chan death
	mutex   sync.Mutex
	pending chan func()
	running []*server
	ending  bool
}

type server struct {
	name string
	log  string
	done chan struct{}
	cmd  *exec.Cmd
}

// death says that a server ended by itself, and what it said last.
type death struct {
	name, state, tail string
}

func (d death) Error() string {
	return fmt.Sprintf("%s ended by itself (%s). Its last words:\n%s", d.name, d.state, d.tail)
}

// calls are to be made on the main thread.
func (s *servers) calls() chan func() {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.pending == nil {
		s.pending = make(chan func())
	}
	return s.pending
}

// start runs a server with its output in a file. The kernel is told to kill it when the thread that started it ends,
// so that has to be the main one, which lasts as long as the program.
func (s *servers) start(name, program string, env []string, args ...string) error {
	result := make(chan error, 1)
	s.calls() <- func() { result <- s.startHere(name, program, env, args) }
	return <-result
}

func (s *servers) startHere(name, program string, env, args []string) error {
	path := filepath.Join(s.folder, name+".log")
	log, err := os.Create(path)
	if err != nil {
		return err
	}
	defer log.Close()
	cmd := exec.Command(program, args...)
	cmd.Env = append(os.Environ(), env...)
	cmd.Dir = s.folder
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = ownProcess()
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("%s does not start: %w", name, err)
	}
	started := &server{name: name, log: path, done: make(chan struct{}), cmd: cmd}
	s.mutex.Lock()
	s.running = append(s.running, started)
	s.mutex.Unlock()
	if err := s.note(); err != nil {
		return err
	}
	go func() {
		_ = cmd.Wait()
		close(started.done)
		s.mutex.Lock()
		ending := s.ending
		s.mutex.Unlock()
		if !ending {
			s.died <- death{name, cmd.ProcessState.String(), tail(path, 20)}
		}
	}()
	return nil
}

// note says beside the logs which process is which.
func (s *servers) note() error {
	processes := map[string]int{}
	for _, server := range s.running {
		processes[server.name] = server.cmd.Process.Pid
	}
	text, err := json.Marshal(processes)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(s.folder, "processes.json"), text, 0o600)
}

func (s *servers) kill() {
	s.mutex.Lock()
	s.ending = true
	running := s.running
	s.mutex.Unlock()
	for _, server := range running {
		_ = server.cmd.Process.Kill()
	}
	for _, server := range running {
		select {
		case <-server.done:
		case <-time.After(10 * time.Second):
			fmt.Fprintf(os.Stderr, "cluster: %s (process %d) does not end\n", server.name, server.cmd.Process.Pid)
		}
	}
}

// explain prefers a server's own words over what was noticed from outside.
func (s *servers) explain(err error) error {
	select {
	case death := <-s.died:
		return death
	case <-time.After(200 * time.Millisecond):
	}
	said := strings.Builder{}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	for _, server := range s.running {
		fmt.Fprintf(&said, "\n--- %s\n%s", server.name, tail(server.log, 5))
	}
	return fmt.Errorf("%w%s", err, said.String())
}

func tail(path string, lines int) string {
	content, err := os.ReadFile(path)
	if err != nil {
		return err.Error()
	}
	all := bytes.Split(bytes.TrimRight(content, "\n"), []byte("\n"))
	return string(bytes.Join(all[max(0, len(all)-lines):], []byte("\n")))
}
