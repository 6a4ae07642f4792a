// What the pods of the tests' runner start with, as Tekton's own program of this name: it places itself and the scripts in
// a pod, then starts one step after the other. Called `pause` it is what holds a pod's namespaces.
//
//	entrypoint place                  FILE=CONTENT… in $PLACE as JSON, and this program, below /tekton
//	entrypoint step FLAG… -- COMMAND  waits for its turn, runs the command, leaves the results, gives the turn on
//	entrypoint pause                  until it is told to end
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

const (
	root    = "/tekton"
	program = root + "/bin/entrypoint"
)

func main() {
	mode := "pause"
	if len(os.Args) > 1 {
		mode = os.Args[1]
	}
	switch mode {
	case "place":
		if err := place(); err != nil {
			fail(err)
		}
	case "step":
		status, err := step(os.Args[2:])
		if err != nil {
			fail(err)
		}
		os.Exit(status)
	default:
		pause()
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "entrypoint:", err)
	os.Exit(1)
}

func place() error {
	own, err := os.Open("/proc/self/exe")
	if err != nil {
		return err
	}
	defer own.Close()
	if err := write(program, own); err != nil {
		return err
	}
	scripts := map[string]string{}
	if err := json.Unmarshal([]byte(os.Getenv("PLACE")), &scripts); err != nil {
		return err
	}
	for name, content := range scripts {
		if err := write(filepath.Join(root, "scripts", name), strings.NewReader(content)); err != nil {
			return err
		}
	}
	return nil
}

// write makes a file that every user may run, whatever the umask.
func write(path string, from io.Reader) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	if _, err := io.Copy(file, from); err != nil {
		return err
	}
	return errors.Join(file.Close(), os.Chmod(path, 0o755))
}

// turn is a step's file that says that it has ended; with `.err` that it failed, so that the next ones do not run.
func turn(name string) string { return filepath.Join(root, "run", name) }

func step(args []string) (int, error) {
	flags := flag.NewFlagSet("step", flag.ContinueOnError)
	after := flags.String("after", "", "the `step` to wait for")
	name := flags.String("name", "", "this `step`")
	results := flags.String("results", "", "`names` of results, with commas")
	limit := flags.Duration("timeout", 0, "how long it may take")
	goOn := flags.Bool("continue", false, "a failure does not keep the next steps from running")
	if err := flags.Parse(args); err != nil {
		return 1, err
	}
	for *after != "" {
		if _, err := os.Stat(turn(*after)); err == nil {
			break
		}
		if _, err := os.Stat(turn(*after) + ".err"); err == nil {
			_ = os.WriteFile(turn(*name)+".err", nil, 0o644)
			return 1, tell([]entry{{"Reason", "Skipped", 3}})
		}
		time.Sleep(20 * time.Millisecond)
	}
	status, reason := run(flags.Args(), *limit)
	told := []entry{{"StartedAt", time.Now().UTC().Format(time.RFC3339), 3}}
	if reason != "" {
		told = append(told, entry{"Reason", reason, 3})
	}
	for _, result := range strings.Split(*results, ",") {
		if content, err := os.ReadFile(filepath.Join(root, "results", result)); err == nil && result != "" {
			told = append(told, entry{result, string(content), 1})
		}
	}
	end := turn(*name)
	if status != 0 && !*goOn {
		end += ".err"
	}
	if err := os.WriteFile(end, nil, 0o644); err != nil {
		return 1, err
	}
	return status, tell(told)
}

// entry is a line of the termination message, as Tekton writes it: type 1 is a result, 3 the entrypoint's own.
type entry struct {
	Key   string `json:"key"`
	Value string `json:"value"`
	Type  int    `json:"type"`
}

func tell(entries []entry) error {
	text, err := json.Marshal(entries)
	if err != nil {
		return err
	}
	return os.WriteFile("/tekton/termination", text, 0o644)
}

func run(command []string, limit time.Duration) (int, string) {
	child := exec.Command(command[0], command[1:]...)
	child.Stdin, child.Stdout, child.Stderr = nil, os.Stdout, os.Stderr
	child.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := child.Start(); err != nil {
		fmt.Fprintln(os.Stderr, "entrypoint:", err)
		return 1, ""
	}
	ended := make(chan error, 1)
	go func() { ended <- child.Wait() }()
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	var late <-chan time.Time
	if limit > 0 {
		late = time.After(limit)
	}
	reason := ""
	for {
		select {
		case got := <-signals:
			_ = syscall.Kill(-child.Process.Pid, got.(syscall.Signal))
		case <-late:
			reason = "TimeoutExceeded"
			_ = syscall.Kill(-child.Process.Pid, syscall.SIGKILL)
		case err := <-ended:
			if exit := (*exec.ExitError)(nil); errors.As(err, &exit) && exit.ExitCode() > 0 {
				return exit.ExitCode(), reason
			} else if err != nil {
				return 1, reason
			}
			return 0, reason
		}
	}
}

func pause() {
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT, syscall.SIGCHLD)
	for got := range signals {
		if got != syscall.SIGCHLD {
			return
		}
		// Orphans of the pod's containers come here where they share a process namespace.
		for {
			if pid, err := syscall.Wait4(-1, nil, syscall.WNOHANG, nil); pid <= 0 || err != nil {
				break
			}
		}
	}
}
