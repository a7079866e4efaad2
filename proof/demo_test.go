package proof

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/otklik/otklik/domain"
)

// TestDemoHandlesItsFeed runs «demo --once --json» as a visitor would: every post
// of the feed is stored, half of the cases at least have a body, and some are late by now.
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
	// Measured: of 411 posts 314 problems, 270 cases, 157 of them with a body. On a slow
	// machine threads are cut otherwise and bodies move cases less, no more than that.
	if end.Problems*10 < end.Fed*7 || end.Cases*4 < end.Problems*3 || end.Cases > end.Problems || end.Assigned*2 < end.Cases {
		t.Errorf("of %d posts %d problems, %d cases, %d of them have a body: too few", end.Fed, end.Problems, end.Cases, end.Assigned)
	}
	if end.Review == 0 || end.Overdue == 0 {
		t.Errorf("nothing waits or nothing is late: %+v", end)
	}
}
