package maxingest

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/platform/max"
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

func testMapper(t *testing.T, settings string) *mapper {
	t.Helper()
	m, err := newMapper(newClock().Now(), domain.Source{ID: 4, Region: "test", Home: "center", Address: "700", Settings: []byte(settings)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestUpdatesMapAsWritten(t *testing.T) {
	for _, file := range files(t, "testdata/updates/*.json") {
		t.Run(filepath.Base(file), func(t *testing.T) {
			u, err := max.ParseUpdate(read(t, file))
			if err != nil {
				t.Fatal(err)
			}
			f := testMapper(t, `{"dialog":true,"homes":{"-70912345678901":"sovgavan"}}`).update(u)
			got := struct {
				Skip  Skip             `json:"skip,omitempty"`
				First bool             `json:"first,omitempty"`
				Post  *domain.Post     `json:"post,omitempty"`
				Gone  *domain.Deletion `json:"gone,omitempty"`
			}{f.skip, f.post != nil && f.post.First, f.post, f.gone}
			golden(t, strings.TrimSuffix(file, ".json")+".want", got)
		})
	}
}

// TestBrokenInputNeverStopsUs feeds updates with bytes missing, doubled and
// changed: each gives a post, a deletion, a named reason, or an error.
func TestBrokenInputNeverStopsUs(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for _, file := range files(t, "testdata/updates/*.json") {
		whole := read(t, file)
		for range 300 {
			u, err := max.ParseUpdate(breakUp(rnd, whole))
			if err != nil {
				continue
			}
			f := testMapper(t, `{"dialog":true}`).update(u)
			outcomes := 0
			for _, is := range []bool{f.post != nil, f.gone != nil, f.skip != SkipNone} {
				if is {
					outcomes++
				}
			}
			if outcomes != 1 || f.post != nil && (!utf8.ValidString(f.post.Text) || f.post.ID.IsZero()) {
				t.Fatalf("%s: %+v", file, f)
			}
		}
	}
}

func breakUp(rnd *rand.Rand, whole []byte) []byte {
	b := bytes.Clone(whole)
	for range 1 + rnd.IntN(6) {
		if len(b) < 3 {
			break
		}
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

// TestRealUpdatesMap takes the updates of the platform's own client, in both ways
// they come. They lie beside the repository and are no part of it.
func TestRealUpdatesMap(t *testing.T) {
	dir := filepath.Join("..", "..", "..", "shared", "samples", "max")
	list, _ := filepath.Glob(filepath.Join(dir, "*_webhook.*.json"))
	if len(list) == 0 {
		t.Skip("real samples are not here")
	}
	posts, gone := 0, 0
	for _, file := range list {
		pushed, err := max.ParseUpdate(read(t, file))
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		var polled struct {
			Updates []json.RawMessage `json:"updates"`
		}
		if err := json.Unmarshal(read(t, strings.Replace(file, "_webhook.", "_update.", 1)), &polled); err != nil || len(polled.Updates) != 1 {
			t.Fatalf("%s: %v", file, err)
		}
		again, err := max.ParseUpdate(polled.Updates[0])
		if err != nil {
			t.Fatal(err)
		}
		m := testMapper(t, `{"dialog":true}`)
		one, two := m.update(pushed), m.update(again)
		if one.skip == SkipUnknown || one.skip == SkipOdd {
			t.Errorf("%s: %s", file, one.skip)
		}
		if one.skip != two.skip || (one.post == nil) != (two.post == nil) || one.post != nil && one.post.ID != two.post.ID {
			t.Errorf("%s: the two ways give different things", file)
		}
		if one.post != nil {
			posts++
			if len(one.post.Faults) != 0 || one.post.PublishedAt.Year() != 2026 || one.post.Text == "" {
				t.Errorf("%s: %+v", file, one.post)
			}
		}
		if one.gone != nil {
			gone++
		}
	}
	if posts != 2 || gone != 1 {
		t.Errorf("%d posts, %d deletions", posts, gone)
	}
}
