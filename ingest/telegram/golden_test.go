package tgingest

import (
	"bytes"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/net/html"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/ingest"
	"github.com/otklik/otklik/platform/telegram"
)

// golden compares a value with the file beside the input. With
// OTKLIK_UPDATE_GOLDEN set it writes the file instead: read the difference.
func golden(t *testing.T, file string, got any) {
	t.Helper()
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(got); err != nil {
		t.Fatal(err)
	}
	if os.Getenv("OTKLIK_UPDATE_GOLDEN") != "" {
		if err := os.WriteFile(file, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(b.Bytes(), want) {
		t.Errorf("%s differs; got\n%s", file, b.String())
	}
}

func files(t *testing.T, pattern string) []string {
	t.Helper()
	list, err := filepath.Glob(pattern)
	if err != nil || len(list) == 0 {
		t.Fatalf("no files %s, %v", pattern, err)
	}
	return list
}

func read(t *testing.T, file string) []byte {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestUpdatesMapAsWritten(t *testing.T) {
	for _, file := range files(t, "testdata/updates/*.json") {
		t.Run(filepath.Base(file), func(t *testing.T) {
			m, err := newMapper(domain.Source{ID: 4, Region: "test", Home: "center"}, 100200300, nil)
			if err != nil {
				t.Fatal(err)
			}
			u, err := telegram.ParseUpdate(read(t, file))
			if err != nil {
				t.Fatal(err)
			}
			p, why := m.update(u)
			got := struct {
				Skip   Skip         `json:"skip,omitempty"`
				Post   *domain.Post `json:"post,omitempty"`
				Cursor botCursor    `json:"cursor"`
			}{why, p, m.cur}
			golden(t, strings.TrimSuffix(file, ".json")+".want", got)
		})
	}
}

func TestPagesParseAsWritten(t *testing.T) {
	for _, file := range files(t, "testdata/pages/*.html") {
		t.Run(filepath.Base(file), func(t *testing.T) {
			got := struct {
				Title, Owner string
				IDs          []int64
				Prev         int64
				Posts        []domain.Post
				Edited       []string
				Reaction     domain.Reaction
				Words        string
			}{}
			pg, err := parsePage(read(t, file))
			var pe *domain.PlatformError
			if errors.As(err, &pe) {
				got.Reaction, got.Words = pe.Reaction, pe.Words
			} else {
				got.Title, got.Owner, got.IDs, got.Prev = pg.title, pg.owner, pg.ids, pg.prev
				for _, p := range pg.posts {
					ingest.Sanitize(&p.Post)
					got.Posts = append(got.Posts, p.Post)
					if p.edited {
						got.Edited = append(got.Edited, p.ID.Post)
					}
				}
			}
			golden(t, strings.TrimSuffix(file, ".html")+".want", got)
		})
	}
}

// TestBrokenInputNeverStopsUs feeds updates and pages with bytes missing,
// doubled and changed: each gives a post, a named reason, or an error.
func TestBrokenInputNeverStopsUs(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for _, file := range append(files(t, "testdata/updates/*.json"), files(t, "testdata/pages/list.html")...) {
		whole := read(t, file)
		for range 200 {
			broken := breakUp(rnd, whole)
			if strings.HasSuffix(file, ".html") {
				pg, err := parsePage(broken)
				if (pg == nil) == (err == nil) {
					t.Fatalf("%s: page %v, %v", file, pg, err)
				}
				continue
			}
			u, err := telegram.ParseUpdate(broken)
			if err != nil {
				continue
			}
			m, _ := newMapper(domain.Source{}, 1, nil)
			p, why := m.update(u)
			if (p == nil) == (why == SkipNone) || p != nil && !utf8.ValidString(p.Text) {
				t.Fatalf("%s: post %v, reason %q", file, p, why)
			}
		}
	}
}

func breakUp(rnd *rand.Rand, whole []byte) []byte {
	b := bytes.Clone(whole)
	for range 1 + rnd.IntN(6) {
		at := rnd.IntN(len(b) - 1)
		n := min(1+rnd.IntN(30), len(b)-at-1)
		switch rnd.IntN(3) {
		case 0:
			b = append(b[:at], b[at+n:]...)
		case 1:
			b = append(b[:at:at], append(bytes.Clone(b[at:at+n]), b[at:]...)...)
		default:
			b[at] = byte(rnd.IntN(256))
		}
	}
	return b
}

// samples is the folder of real answers, kept beside the repository and not
// part of it.
func samples(t *testing.T, pattern string) []string {
	t.Helper()
	dir := filepath.Join("..", "..", "..", "shared", "samples", "telegram")
	list, _ := filepath.Glob(filepath.Join(dir, pattern))
	if len(list) == 0 {
		t.Skipf("no %s in %s: real samples are not here", pattern, dir)
	}
	return list
}

// TestRealMessagesGoThrough maps every real message and update, whatever shape
// it was recorded in, and expects an identity and no fault.
func TestRealMessagesGoThrough(t *testing.T) {
	posts, skips := 0, map[Skip]int{}
	for _, file := range samples(t, "*.json") {
		name := filepath.Base(file)
		if name == "bot_api_10.1_spec.json" {
			continue // the description of the API, no answer of it
		}
		for _, raw := range asUpdates(t, read(t, file)) {
			m, err := newMapper(domain.Source{Settings: settings(t, Settings{Dialog: true})}, 1, nil)
			if err != nil {
				t.Fatal(err)
			}
			u, err := telegram.ParseUpdate(raw)
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			p, why := m.update(u)
			if p == nil {
				skips[why]++
				continue
			}
			posts++
			if p.ID.Owner == "" || p.ID.Post == "" || len(p.Faults) > 0 || p.Text == "" && len(p.Attachments) == 0 {
				t.Errorf("%s: %s, faults %v, text %q, attachments %v", name, p.ID, p.Faults, p.Text, p.Attachments)
			}
		}
	}
	t.Logf("%d posts, skipped %v", posts, skips)
	if posts < 10 || skips[SkipService] == 0 {
		t.Errorf("too little went through: %d posts, skipped %v", posts, skips)
	}
}

// asUpdates wraps what a sample holds into updates: an update, a message, or an
// object of named messages.
func asUpdates(t *testing.T, raw []byte) []json.RawMessage {
	t.Helper()
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(raw, &fields); err != nil {
		t.Fatal(err)
	}
	wrap := func(kind string, payload json.RawMessage) json.RawMessage {
		b, err := json.Marshal(map[string]any{"update_id": 1, kind: payload})
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	switch {
	case fields["update_id"] != nil:
		return []json.RawMessage{raw}
	case fields["poll_id"] != nil:
		return []json.RawMessage{wrap("poll_answer", raw)}
	case fields["old_reaction"] != nil:
		return []json.RawMessage{wrap("message_reaction", raw)}
	case fields["message_id"] != nil:
		return []json.RawMessage{wrap("message", raw)}
	}
	var list []json.RawMessage
	for _, v := range fields {
		list = append(list, wrap("message", v))
	}
	return list
}

// TestRealPagesGoThrough parses every real page and piece of one.
func TestRealPagesGoThrough(t *testing.T) {
	for _, file := range samples(t, "*.html") {
		name := filepath.Base(file)
		root, err := html.Parse(bytes.NewReader(read(t, file)))
		if err != nil {
			t.Fatal(err)
		}
		pg := readList(root)
		if strings.Contains(name, "too_big") { // a medium without its message
			continue
		}
		if len(pg.posts) == 0 {
			t.Errorf("%s: no post", name)
		}
		for _, p := range pg.posts {
			ingest.Sanitize(&p.Post)
			if p.PublishedAt.IsZero() || p.Author.Name == "" || len(p.Faults) > 0 || p.Views == 0 {
				t.Errorf("%s: %s at %s by %q, %d views, faults %v", name, p.ID, p.PublishedAt, p.Author.Name, p.Views, p.Faults)
			}
			if p.Text == "" && len(p.Attachments) == 0 {
				t.Errorf("%s: %s is empty", name, p.ID)
			}
			t.Logf("%s %s: %d runes, %v, origin %s", name, p.ID, len([]rune(p.Text)), p.Attachments, p.Origin)
		}
	}
}

func TestWholeRealPage(t *testing.T) {
	for _, file := range samples(t, "*_full.html") {
		pg, err := parsePage(read(t, file))
		if err != nil {
			t.Fatal(err)
		}
		if len(pg.posts) != 12 || len(pg.ids) != 19 || pg.low() != pg.prev || pg.owner[:4] != "-100" || pg.title == "" {
			t.Errorf("%s: %d posts, ids %v, prev %d, owner %s, title %q", file, len(pg.posts), pg.ids, pg.prev, pg.owner, pg.title)
		}
	}
}
