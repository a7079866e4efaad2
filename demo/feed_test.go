package demo

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// The feed of the demonstration promises at least 300 posts of all kinds, from
// both regions, over twelve days.
func TestBuiltinFeedKeepsItsPromises(t *testing.T) {
	feed := builtin(t)
	if got := feed.Fed(); got < 300 {
		t.Errorf("%d posts, want at least 300", got)
	}
	regions := map[string]string{}
	for _, s := range feed.Sources {
		regions[s.Key] = s.Region
	}
	posts, rows := map[string]int{}, map[string]map[string]bool{"khabarovsk": {}, "kaliningrad": {}}
	types, notes, days := map[string]int{}, map[string]int{}, map[int]bool{}
	for _, r := range feed.Records {
		region := regions[r.Source]
		posts[region]++
		types[r.Type]++
		days[r.Day] = true
		if row, ok := strings.CutPrefix(r.Note, "row "); ok {
			rows[region][row] = true
			continue
		}
		notes[r.Note]++
	}
	for region, least := range map[string]int{"khabarovsk": 60, "kaliningrad": 30} {
		if posts[region] < 100 || len(rows[region]) < least {
			t.Errorf("%s: %d posts, complaints of %d rows, want 100 and %d", region, posts[region], len(rows[region]), least)
		}
	}
	for _, kind := range []string{"post", "comment", "edit", "delete", "repost", "album"} {
		if types[kind] == 0 {
			t.Errorf("no record of type %s", kind)
		}
	}
	for _, note := range []string{"ordinary", "urgent", "look-alike", "thanks", "news", "ad", "flood", "copy", "english", "greeting", "joke"} {
		if notes[note] == 0 {
			t.Errorf("no record noted as %s", note)
		}
	}
	if len(days) != 12 || !days[0] || !days[11] {
		t.Errorf("days %v, want 0 to 11", days)
	}
	if !rows["khabarovsk"]["99"] {
		t.Error("no praise of school meals, row 99 of Khabarovsk")
	}
}

// What a record is about must be able to happen: written before it, on the same
// wall, and for edits and deletions a day later, so that the first words were
// read by then.
func TestBuiltinFeedHappensInOrder(t *testing.T) {
	feed := builtin(t)
	type when struct {
		record Record
		at     time.Duration
	}
	seen, last := map[string]when{}, map[string]time.Duration{}
	for _, r := range feed.Records {
		at := moment(t, r)
		if at < last[r.Source] {
			t.Errorf("%s stands behind a later record of %s", r.ID, r.Source)
		}
		last[r.Source] = at
		seen[r.ID] = when{r, at}
		if r.Of == "" {
			continue
		}
		of := seen[r.Of]
		if slices.Contains([]string{"comment", "edit", "delete"}, r.Type) && r.Source != of.record.Source {
			t.Errorf("%s on %s is about %s on %s", r.ID, r.Source, r.Of, of.record.Source)
		}
		if gap := at - of.at; gap < 0 || (r.Type == "edit" || r.Type == "delete") && gap < 24*time.Hour {
			t.Errorf("%s (%s) comes %s after %s", r.ID, r.Type, gap, r.Of)
		}
		if r.ReplyTo != "" && seen[r.ReplyTo].record.Of != r.Of {
			t.Errorf("%s replies to %q, which is no comment under the same post", r.ID, r.ReplyTo)
		}
	}
}

func TestFeedWithDanglingReferencesIsRefused(t *testing.T) {
	wall := Source{Key: "wall"}
	for name, records := range map[string][]Record{
		"an unknown source":    {{ID: "a", Source: "fence"}},
		"the same id twice":    {{ID: "a", Source: "wall"}, {ID: "a", Source: "wall"}},
		"a comment on nothing": {{ID: "a", Source: "wall", Type: "comment", Of: "b"}},
	} {
		feed := Feed{Sources: []Source{wall}, Records: records}
		if feed.check() == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}

func builtin(t *testing.T) Feed {
	t.Helper()
	feed, err := Builtin()
	if err != nil {
		t.Fatal(err)
	}
	return feed
}

// moment is when a record happens, counted from the local midnight of day 0.
func moment(t *testing.T, r Record) time.Duration {
	t.Helper()
	hour, err := time.Parse("15:04", r.Time)
	if err != nil {
		t.Fatalf("%s: %v", r.ID, err)
	}
	return time.Duration(r.Day)*24*time.Hour + time.Duration(hour.Hour())*time.Hour + time.Duration(hour.Minute())*time.Minute
}

func TestReadTakesNumbersForIDs(t *testing.T) {
	records, err := Read(strings.NewReader(`{"id":1,"text":"яма"}`+"\n"+`{"id":"b","text":"люк"}`+"\n"+`{"text":"без номера"}`), time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	if records[0].ID != "1" || records[1].ID != "b" || records[2].ID != "line3" {
		t.Errorf("ids %q %q %q", records[0].ID, records[1].ID, records[2].ID)
	}
}

// Times in a feed are those of the region where they name no zone, however they
// are written, in JSON lines as in CSV.
func TestTimesOfAFeedAreLocal(t *testing.T) {
	zone := time.FixedZone("там", 10*60*60)
	want := time.Date(2026, 11, 22, 23, 0, 0, 0, time.UTC)
	for name, feed := range map[string]string{
		"JSON lines": `{"text":"яма","at":"23.11.2026 09:00"}` + "\n" + `{"text":"яма","at":"2026-11-23T02:00:00+03:00"}`,
		"CSV":        "text,at\nяма,2026-11-23 09:00\nяма,2026-11-22T23:00:00Z\n",
	} {
		records, err := Read(strings.NewReader(feed), zone)
		if err != nil || len(records) != 2 || !records[0].At.Equal(want) || !records[1].At.Equal(want) {
			t.Errorf("%s: %+v, %v", name, records, err)
		}
	}
}
