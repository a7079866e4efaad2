package domain

import (
	"encoding/json"
	"time"
)

// BackgroundState is how far long work ordered at the desk has come.
type BackgroundState string

// States of such work. One that failed one says why in Error.
const (
	BackgroundRunning BackgroundState = "running"
	BackgroundDone    BackgroundState = "done"
	BackgroundFailed  BackgroundState = "failed"
	BackgroundStopped BackgroundState = "stopped" // by a person
)

// Background is long work ordered at the desk: a dry run, a count, learning.
type Background struct {
	ID         int64
	Region     string
	Kind       string
	Subject    string // what it is about, e.g. a pack's hash
	Who        string // login
	CreatedAt  time.Time
	Total      int64 // 0 when not known
	Done       int64
	State      BackgroundState
	Result     json.RawMessage // when done
	Error      string          // Russian, when failed
	FinishedAt time.Time
	Waiting    bool // no process has taken it yet
	Epoch      int64
}

// TaskHold is work that a process has taken: what it says of it counts until another one
// takes it.
type TaskHold struct{ ID, Epoch int64 }

// Hold names the work as it was taken.
func (b Background) Hold() TaskHold { return TaskHold{b.ID, b.Epoch} }

// Learning of a region's models, as long work: its subject is the label.
const (
	TaskTrain       = "train"
	TaskTrainDryRun = "train_dry_run"
)
