package rules

import (
	"os"
	"testing"
	"time"
)

// now is a day in the years of the packs' calendars.
var now = time.Date(2026, 11, 23, 6, 42, 0, 0, time.UTC)

func loadBase(t *testing.T) *Pack {
	t.Helper()
	files, err := Collect(os.DirFS("testdata/packs/base"), "base", os.DirFS("testdata/absent"))
	if err != nil {
		t.Fatal(err)
	}
	p, err := Load(files)
	if err != nil {
		t.Fatalf("the base pack has faults:\n%v", err)
	}
	return p
}

func TestBaseLoads(t *testing.T) {
	p := loadBase(t)
	if err := Check(p, now); err != nil {
		t.Error(err)
	}
	topic := p.Topics[0]
	if topic.ID != "road.holes" || topic.File != "base/topics/own.yaml" || topic.Line != 2 || topic.MatchLine[1] != 8 {
		t.Errorf("places of the first topic: %+v", topic)
	}
	if f := topic.Phrases[0]; f.Line != 5 || f.Within != 6 || f.Weight != 2 {
		t.Errorf("first phrase: %+v", f)
	}
	if p.Routes[1].Line != 3 || p.Region.Location.String() != "Asia/Vladivostok" {
		t.Errorf("route line %d, zone %v", p.Routes[1].Line, p.Region.Location)
	}
}
