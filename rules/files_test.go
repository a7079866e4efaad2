package rules

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"pgregory.net/rapid"
)

func baseFiles(t *testing.T) Files {
	t.Helper()
	files, err := Collect(os.DirFS("testdata/packs/base"), "base", os.DirFS("absent"))
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestCollect(t *testing.T) {
	own := fstest.MapFS{
		"region.yaml":      {Data: []byte("id: x")},
		"notes.txt":        {Data: []byte("not rules")},
		".draft.yaml":      {Data: []byte("hidden")},
		".git/config.yaml": {Data: []byte("hidden")},
		"topics/own.yaml":  {Data: []byte("topics: []")},
	}
	shared := fstest.MapFS{"roads.yaml": {Data: []byte("topics: []")}}
	files, err := Collect(own, "x", shared)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"topics/roads.yaml", "x/region.yaml", "x/topics/own.yaml"}
	if got := slices.Sorted(maps.Keys(files)); !slices.Equal(got, want) {
		t.Errorf("collected %v, want %v", got, want)
	}
	own["huge.yaml"] = &fstest.MapFile{Data: make([]byte, maxFile+1)}
	if _, err := Collect(own, "x", shared); err == nil || !strings.Contains(err.Error(), "huge.yaml") {
		t.Errorf("an absurd file: %v", err)
	}
}

// What is no file is refused before it is opened: reading a pipe never ends.
func TestCollectRefusesWhatIsNoFile(t *testing.T) {
	for name, file := range map[string]*fstest.MapFile{
		"a pipe":    {Mode: fs.ModeNamedPipe},
		"a device":  {Mode: fs.ModeDevice},
		"too large": {Data: make([]byte, maxFile+1)},
	} {
		_, err := Collect(fstest.MapFS{"routing.yaml": file}, "x", fstest.MapFS{})
		var faults Faults
		if !errors.As(err, &faults) || len(faults) != 1 || faults[0].File != "x/routing.yaml" || faults[0].Mend == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A version holds all it needs: it loads again from its bytes alone.
func TestVersionIsSelfContained(t *testing.T) {
	files := baseFiles(t)
	shared := fstest.MapFS{"water.yaml": {Data: []byte(
		"topics:\n  - {id: water.none, title: Нет воды, phrases: [{all: [\"вод*\"], weight: 2}], match: [Нет воды.], miss: [Вода есть.]}\n")}}
	whole, err := Collect(os.DirFS("testdata/packs/base"), "base", shared)
	if err != nil {
		t.Fatal(err)
	}
	p, err := Load(whole)
	if err != nil {
		t.Fatal(err)
	}
	if p.Hash != whole.Hash() || p.Hash == files.Hash() {
		t.Errorf("hash %s, of the files %s, without shared topics %s", p.Hash, whole.Hash(), files.Hash())
	}
	if last := p.Topics[0]; last.ID != "water.none" || p.RowOf(last.ID) != OrdinaryRow || last.File != "topics/water.yaml" {
		t.Errorf("the shared topic: %+v", last)
	}
}

func TestHash(t *testing.T) {
	files := baseFiles(t)
	renamed := Files{}
	for p, content := range files {
		renamed["copy/"+strings.TrimPrefix(p, "base/")] = content
	}
	if files.Hash() != renamed.Hash() {
		t.Error("a copy in another folder has another hash")
	}
	before := files.Hash()
	files["base/region.yaml"] = append(slices.Clone(files["base/region.yaml"]), '\n')
	if files.Hash() == before {
		t.Error("a changed byte does not change the hash")
	}
}

// Two files must not trade a byte between name and content unseen.
func TestHashKeepsNamesAndContentsApart(t *testing.T) {
	a := Files{"x/a": []byte("b1:c"), "x/d": nil}
	b := Files{"x/a": []byte("b"), "x/d": []byte("1:c")}
	if a.Hash() == b.Hash() {
		t.Error("different sets, one hash")
	}
}

func TestLoadTopics(t *testing.T) {
	dir := fstest.MapFS{
		"water.yaml": {Data: []byte(
			"topics:\n  - {id: water.none, title: Нет воды, phrases: [{all: [\"вод*\"], weight: 2}, {weight: 1}]}\n")},
		"signals.yaml":        {Data: []byte("problem:\n  - {any: [\"почему\"]}\nurgent:\n  - {id: gas, title: запах газа, phrases: [{all: [\"газ\"]}]}\n")},
		"signals_urgent.yaml": {Data: []byte("urgent:\n  - {id: fire, title: пожар, phrases: [{all: [\"горит\"]}]}\n")},
	}
	topics, signals, err := LoadTopics(dir)
	var faults Faults
	if !errors.As(err, &faults) || len(faults) != 1 || faults[0].Code != CodePhraseEmpty || faults[0].File != "topics/water.yaml" {
		t.Errorf("faults: %v", err)
	}
	if len(signals.Urgent) != 2 || signals.Urgent[1].File != "topics/signals_urgent.yaml" {
		t.Errorf("signals of a second file: %+v", signals.Urgent)
	}
	if len(topics) != 1 || len(signals.Problem) != 1 || signals.Problem[0].Weight != 1 || signals.Urgent[0].Line != 4 {
		t.Errorf("what could be read: %+v, %+v", topics, signals)
	}
}

// An empty word, or a bare *, would be in every text.
func TestWordsOfSignals(t *testing.T) {
	dir := fstest.MapFS{"signals.yaml": {Data: []byte("words:\n  offices: [мэр*, \"*\"]\n")}}
	_, signals, err := LoadTopics(dir)
	var faults Faults
	if !errors.As(err, &faults) || len(faults) != 1 || faults[0].Code != CodePhraseSlot || faults[0].Line != 2 {
		t.Errorf("faults: %v", err)
	}
	if len(signals.Words.Offices) != 2 {
		t.Errorf("what could be read: %+v", signals.Words)
	}
}

func TestCheckTakesCheckers(t *testing.T) {
	p := loadBase(t)
	found := Fault{File: "base/topics/own.yaml", Line: 5, Code: "phrase_never", What: "что", Mend: "как"}
	err := Check(p, now, func(*Pack) Faults { return nil }, func(got *Pack) Faults {
		if got != p {
			t.Error("the checker got another pack")
		}
		return Faults{found}
	})
	var faults Faults
	if !errors.As(err, &faults) || len(faults) != 1 || faults[0] != found {
		t.Errorf("faults: %v", err)
	}
}

// Whatever a file holds, Load answers with a pack or with Faults and never stops.
func TestLoadNeverPanics(t *testing.T) {
	base := baseFiles(t)
	paths := slices.Sorted(maps.Keys(base))
	rapid.Check(t, func(t *rapid.T) {
		files := maps.Clone(base)
		p := rapid.SampledFrom(paths).Draw(t, "file")
		content := string(files[p])
		from := rapid.IntRange(0, len(content)).Draw(t, "from")
		to := rapid.IntRange(from, min(len(content), from+30)).Draw(t, "to")
		junk := rapid.SampledFrom([]string{"", "- ", ": ", "{", "}", "[", "&a ", "*a", "null", "\n", "\t", "-5", "yes", "<<: *a", "\xff", "---\n"}).Draw(t, "junk")
		files[p] = []byte(content[:from] + junk + content[to:])
		pack, err := Load(files)
		var faults Faults
		if (pack == nil) != errors.As(err, &faults) {
			t.Fatalf("pack %v, error %v", pack != nil, err)
		}
		if err == nil && Check(pack, now) == nil && pack.Hash == "" {
			t.Fatal("a pack without a hash")
		}
	})
}
