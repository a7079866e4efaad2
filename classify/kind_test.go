package classify

import (
	"bufio"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/otklik/otklik/domain"
)

// The demo feed says of each post what it is: small talk, news and thanks must
// not fill the clerk's list, and no complaint may be lost as small talk.
func TestKindsOfDemoFeed(t *testing.T) {
	khabarovsk, kaliningrad := embeddedClassifier(t, "khabarovsk"), embeddedClassifier(t, "kaliningrad")
	var idle, taken, rows, lost int
	for _, line := range jsonLines(t, "../demo/feed.jsonl") {
		var post struct{ ID, Text, Note string }
		if err := json.Unmarshal(line, &post); err != nil {
			t.Fatal(err)
		}
		if post.Text == "" {
			continue
		}
		c := khabarovsk
		if strings.HasPrefix(post.ID, "kg") {
			c = kaliningrad
		}
		kind := c.Judge(&domain.Post{Text: post.Text}).Kind
		note, _, _ := strings.Cut(post.Note, " ")
		switch strings.Trim(note, ",;:") {
		case "news", "ad", "joke", "greeting", "thanks":
			idle++
			if kind == domain.Problem {
				taken++
				t.Logf("%s taken for a problem: %s", note, post.Text)
			}
		case "row":
			rows++
			if kind == domain.Other {
				lost++
				t.Logf("lost: %s", post.Text)
			}
		}
	}
	if idle < 50 || rows < 150 {
		t.Fatalf("%d idle posts, %d complaints: too few to judge", idle, rows)
	}
	if share := float64(taken) / float64(idle); share > 0.15 {
		t.Errorf("%d of %d idle posts taken for problems, at most 0.15", taken, idle)
	}
	if share := float64(lost) / float64(rows); share > 0.04 {
		t.Errorf("%d of %d complaints lost, at most 0.04", lost, rows)
	}
}

func jsonLines(t *testing.T, name string) [][]byte {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var lines [][]byte
	s := bufio.NewScanner(f)
	s.Buffer(nil, 1<<20)
	for s.Scan() {
		if len(s.Bytes()) > 0 {
			lines = append(lines, append([]byte(nil), s.Bytes()...))
		}
	}
	if err := s.Err(); err != nil {
		t.Fatal(err)
	}
	return lines
}
