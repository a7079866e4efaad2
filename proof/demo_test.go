package proof

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/otklik/otklik/domain"
)

// TestDemoHandlesItsFeed runs «demo --once --json» as a visitor would: every post
// of the feed is stored, most problems have a body, and some are late by now.
func TestDemoHandlesItsFeed(t *testing.T) {
	t.Parallel() // it waits more than it works
	s := &stand{t: t, dir: t.TempDir()}
	s.env = append(os.Environ(), "OTKLIK_STATE_DIR="+s.dir, "OTKLIK_DESK_LISTEN=127.0.0.1:0")
	out := strings.TrimSpace(s.run("demo", "--once", "--json"))
	var end struct {
		domain.Stats
		Fed int64 `json:"fed"`
	}
	if err := json.Unmarshal([]byte(out[strings.LastIndexByte(out, '\n')+1:]), &end); err != nil {
		t.Fatalf("the last line: %v\n%s", err, out)
	}
	t.Logf("%+v", end)
	if end.Fed < 300 || end.Posts != end.Fed {
		t.Errorf("fed %d, stored %d", end.Fed, end.Posts)
	}
	if end.Problems == 0 || end.Cases == 0 || end.Cases > end.Problems || end.Assigned == 0 || end.Review == 0 || end.Overdue == 0 {
		t.Errorf("%+v", end)
	}
}
