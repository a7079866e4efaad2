package domain

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// EventPoint is a place in the order in which events became visible. The zero
// point is before all of them.
type EventPoint struct {
	Transaction int64
	ID          int64
}

// String is the point as a browser keeps it (Last-Event-ID): "812-34".
func (p EventPoint) String() string { return fmt.Sprintf("%d-%d", p.Transaction, p.ID) }

// ErrEventPoint: not something String gave.
var ErrEventPoint = errors.New("not a place among the events")

// ParseEventPoint is the way back from String; ErrEventPoint.
func ParseEventPoint(s string) (EventPoint, error) {
	transaction, id, _ := strings.Cut(s, "-")
	t, errT := strconv.ParseInt(transaction, 10, 64)
	n, errN := strconv.ParseInt(id, 10, 64)
	if errT != nil || errN != nil || t < 0 || n < 0 {
		return EventPoint{}, fmt.Errorf("%w: %q", ErrEventPoint, s)
	}
	return EventPoint{Transaction: t, ID: n}, nil
}

// Event is something that happened, for desks that are open.
type Event struct {
	Point    EventPoint
	At       time.Time       // business time, UTC
	Kind     string          // "case_opened", "case_moved", "lease_taken", …
	CaseID   int64           // 0 when it is about none
	AgencyID string          // the case's present body
	Details  json.RawMessage // of leases: who has it; else {}
}

// Counters are the numbers beside the menu, none above CountersCap.
type Counters struct {
	Queue   int `json:"queue"`  // cases and posts an analyst has to look at, as Очередь lists them
	Urgent  int `json:"urgent"` // of them
	Tasks   int `json:"tasks"`  // cases a body has to do something about
	Overdue int `json:"overdue"`
}

// CountersCap stands for that many or more: nobody counts further.
const CountersCap = 1000
