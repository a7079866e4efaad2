package main

import (
	"errors"
	"fmt"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// Of work that can wait: its niceness, and how early it goes when memory runs out.
const (
	waitingNice = 10
	waitingOOM  = "500"
)

// lowerPriority lowers that of every thread: Linux has one for each, and new threads
// take it over.
func lowerPriority() error {
	threads, err := os.ReadDir("/proc/self/task")
	if err != nil {
		return fmt.Errorf("list threads: %w", err)
	}
	var faults []error
	for _, t := range threads {
		id, err := strconv.Atoi(t.Name())
		if err == nil {
			err = unix.Setpriority(unix.PRIO_PROCESS, id, waitingNice)
		}
		if err != nil && !errors.Is(err, unix.ESRCH) { // it has ended
			faults = append(faults, fmt.Errorf("lower the priority: %w", err))
		}
	}
	if err := os.WriteFile("/proc/self/oom_score_adj", []byte(waitingOOM), 0); err != nil {
		faults = append(faults, err)
	}
	return errors.Join(faults...)
}
