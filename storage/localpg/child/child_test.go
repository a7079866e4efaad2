//go:build linux

package child_test

import (
	"bufio"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/otklik/otklik/storage/localpg/child"
)

// asParent makes this test binary the parent that is going to be killed.
const asParent = "CHILD_TEST_PARENT"

func TestMain(m *testing.M) {
	if os.Getenv(asParent) == "" {
		os.Exit(m.Run())
	}
	cmd := exec.Command("sleep", "600")
	if err := child.Start(cmd, syscall.SIGKILL); err != nil {
		os.Exit(1)
	}
	churn()
	os.Stdout.WriteString(strconv.Itoa(cmd.Process.Pid) + "\n")
	select {}
}

// churn makes and ends many threads: none of them may take the child with it.
func churn() {
	done := make(chan struct{})
	for range 50 {
		go func() {
			runtime.LockOSThread() // the thread ends with the goroutine
			time.Sleep(time.Millisecond)
			done <- struct{}{}
		}()
	}
	for range 50 {
		<-done
	}
}

func TestAChildEndsWithItsKilledParent(t *testing.T) {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	parent := exec.Command(exe)
	parent.Env = append(os.Environ(), asParent+"=1")
	out, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(parent, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	pid, _ := strconv.Atoi(strings.TrimSpace(line))
	if err != nil || pid == 0 || !lives(pid) {
		t.Fatalf("the child did not start: %q, %v", line, err)
	}
	_ = parent.Process.Kill()
	_ = parent.Wait() // it was killed
	for limit := time.Now().Add(time.Minute); lives(pid); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(limit) {
			t.Fatalf("process %d outlives its parent", pid)
		}
	}
}

// lives reports whether a process runs; one whose end nobody has collected does not.
func lives(pid int) bool {
	b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	return err == nil && !strings.Contains(string(b), ") Z ")
}

func TestTheCallerCollectsTheEnd(t *testing.T) {
	cmd := exec.Command("sh", "-c", "exit 7")
	if err := child.Start(cmd, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if _ = cmd.Wait(); cmd.ProcessState.ExitCode() != 7 {
		t.Errorf("it ended with %v", cmd.ProcessState)
	}
	if err := child.Start(exec.Command("/nowhere"), syscall.SIGKILL); err == nil {
		t.Error("what is not there was started")
	}
}
