package proof

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode"

	"github.com/jackc/pgx/v5"

	"github.com/otklik/otklik/platform/ledger"
	"github.com/otklik/otklik/storage/localpg/child"
)

// TestRealTextsThroughTheFakes does what a person would do: «otklik fakes» in
// one window, what it printed pasted into another, «otklik serve» in a third.
func TestRealTextsThroughTheFakes(t *testing.T) {
	feed := filepath.Join("..", "..", "shared", "data", "perm_texts.csv")
	texts := csvTexts(t, feed)
	s := newStand(t)
	book := filepath.Join(s.dir, "perm-ledger.jsonl")
	printed := s.fakes(feed, book)
	for _, line := range printed {
		if pair, ok := strings.CutPrefix(line, "export "); ok {
			s.setenv(pair)
		}
	}
	s.paste(strings.Join(printed, "\n"))

	began := time.Now()
	w := s.serve(noHooks).ready(t)
	s.awaitPosts(patience, int64(len(texts)))
	t.Logf("figure real_texts_seconds %.1f", time.Since(began).Seconds())
	s.mustLive(w)
	s.sameTexts(texts)
	if n := servedIn(t, book); n != len(texts) {
		t.Errorf("the fakes served %d of %d posts", n, len(texts))
	}
	s.saneStats(int64(len(texts)))
	s.inOneCase()
	if code := w.stop(); code != 0 {
		t.Errorf("exit code %d\n%s", code, w.own.tail())
	}
	if w.own.has("level=ERROR") {
		t.Errorf("errors in the log\n%s", w.own.tail())
	}
}

// csvTexts reads the texts, or skips the test where there are none.
func csvTexts(t *testing.T, path string) []string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Skipf("no real texts here: %v", err)
	}
	defer func() { _ = f.Close() }()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	column := slices.Index(rows[0], "text")
	var texts []string
	for _, r := range rows[1:] {
		texts = append(texts, r[column])
	}
	return texts
}

// fakes starts «otklik fakes» and returns the lines it prints for pasting.
func (s *stand) fakes(feed, book string) (printed []string) {
	s.t.Helper()
	cmd := s.command("fakes", "--feed", feed, "--ledger", book, "--region", region)
	out, err := cmd.StdoutPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	said := &journal{}
	cmd.Stderr = said
	if err := child.Start(cmd, syscall.SIGKILL); err != nil {
		s.t.Fatal(err)
	}
	lines := make(chan string, 1000)
	go func() {
		defer close(lines)
		for in := bufio.NewScanner(out); in.Scan(); {
			lines <- in.Text()
		}
	}()
	s.t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		for range lines { // until it has ended
		}
		if err := cmd.Wait(); err != nil {
			s.t.Errorf("otklik fakes: %v\n%s", err, said.tail())
		}
	})
	waitFor(s.t, patience, "the feed at the fakes", func() bool { return said.has("Ctrl-C") }) // all lines are printed before
	for len(lines) > 0 {
		printed = append(printed, <-lines)
	}
	return printed
}

// paste runs lines in a shell that finds the program.
func (s *stand) paste(script string) {
	s.t.Helper()
	cmd := exec.Command("sh", "-e")
	cmd.Stdin = strings.NewReader(script)
	cmd.Env = append(slices.Clone(s.env), "PATH="+filepath.Dir(s.otklik())+":"+os.Getenv("PATH"))
	if out, err := cmd.CombinedOutput(); err != nil {
		s.t.Fatalf("the printed lines do not run: %v\n%s", err, out)
	}
}

// sameTexts compares what is stored with what was fed, but for white space: a
// preview page keeps none.
func (s *stand) sameTexts(texts []string) {
	s.t.Helper()
	conn := s.connect()
	defer func() { _ = conn.Close(context.Background()) }()
	rows, err := conn.Query(context.Background(), `SELECT text FROM posts`)
	if err != nil {
		s.t.Fatal(err)
	}
	stored, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		s.t.Fatal(err)
	}
	left := map[string]int{}
	for _, text := range stored {
		left[dense(text)]++
	}
	changed := 0
	for _, text := range texts {
		if left[dense(text)]--; left[dense(text)] < 0 {
			changed++
		}
	}
	if changed != 0 {
		s.t.Errorf("%d of %d texts are not stored as they were written", changed, len(texts))
	}
}

func dense(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, s)
}

// servedIn counts the posts a ledger file says were served.
func servedIn(t *testing.T, path string) int {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	served := 0
	for in := bufio.NewScanner(f); in.Scan(); {
		var e ledger.Entry
		if err := json.Unmarshal(in.Bytes(), &e); err != nil {
			t.Fatal(err)
		}
		if e.What == "served" {
			served++
		}
	}
	return served
}

// saneStats: real complaints are mostly problems, every problem is in a case,
// every case is somebody's or waits for a person, nothing is overdue on its first day.
func (s *stand) saneStats(posts int64) {
	s.t.Helper()
	st := s.stats()
	s.t.Logf("stats %+v", st)
	inCases := s.query(`SELECT count(*) FROM case_posts`)
	switch {
	case st.Posts != posts:
		s.t.Errorf("%d posts, %d were fed", st.Posts, posts)
	case st.Problems < posts/2 || st.Problems > posts:
		s.t.Errorf("%d problems of %d complaints", st.Problems, posts)
	case inCases != st.Problems:
		s.t.Errorf("%d posts in cases, %d problems", inCases, st.Problems)
	case st.Cases == 0 || st.Cases > st.Problems:
		s.t.Errorf("%d cases of %d problems", st.Cases, st.Problems)
	case st.Assigned+s.query(`SELECT count(*) FROM cases WHERE state = 'moderation'`) != st.Cases:
		s.t.Errorf("%d assigned of %d cases, and the others wait for nobody", st.Assigned, st.Cases)
	case st.Review == 0 || st.Overdue != 0 || st.Replies != 0:
		s.t.Errorf("%d in review, %d overdue, %d replies", st.Review, st.Overdue, st.Replies)
	}
}
