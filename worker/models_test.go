package worker_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/otklik/otklik/classify/model"
	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage"
	"github.com/otklik/otklik/worker"
)

// modelFile is a small model in words of no pack: «чмонька» is of the first label,
// «шмяга» of the second.
func modelFile(t *testing.T, column, first, second string, seed uint64) ([]byte, string) {
	t.Helper()
	var examples []model.Example
	for i := range 24 {
		examples = append(examples,
			model.Example{Text: fmt.Sprintf("Примите меры, чмонька у дома %d", i), Labels: []string{first}},
			model.Example{Text: fmt.Sprintf("Примите меры, шмяга у дома %d", i), Labels: []string{second}})
	}
	m, err := model.Train(t.Context(), examples, model.Options{Column: column, Seed: seed, Aside: model.AsideRule})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := m.Write(&b); err != nil {
		t.Fatal(err)
	}
	read, err := model.Read(bytes.NewReader(b.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), read.Sum()
}

// putModel saves a file under a name and puts it into force.
func (w *world) putModel(label, hash string, file []byte) {
	w.t.Helper()
	by := domain.Doer{Region: own, Login: "test", At: time.Now()}
	ref := domain.ModelRef{Label: label, Hash: hash}
	v := domain.ModelVersion{ModelRef: ref, Region: own, Examples: 48, Report: []byte("{}"), Comparison: []byte("{}"), CreatedAt: by.At, CreatedBy: by.Login}
	if _, err := w.store.SaveModel(w.t.Context(), v, file); err != nil {
		w.t.Fatal(err)
	}
	seen := ""
	refs, err := w.store.ModelsInForce(w.t.Context(), own)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, r := range refs {
		if r.Label == label {
			seen = r.Hash
		}
	}
	if err := w.store.ActivateModel(w.t.Context(), switchTo(ref, seen), by); err != nil {
		w.t.Fatal(err)
	}
}

const strange = "Примите меры, чмонька у дома"

func (w *world) verdict() domain.Verdict {
	w.t.Helper()
	snap, err := w.follower.Snapshot(own)
	if err != nil {
		w.t.Fatal(err)
	}
	return snap.Judge.Judge(&domain.Post{Region: own, Text: strange})
}

func TestSwitchedModelIsFollowed(t *testing.T) {
	w := newWorld(t, own)
	before := w.verdict()
	if before.Row == 7 || len(before.Models) != 0 {
		t.Fatalf("the phrases know the words: %+v", before)
	}
	file, hash := modelFile(t, "row", "7", "3", 1)
	w.putModel("row", hash, file)
	w.follower.Refresh(t.Context())
	v := w.verdict()
	if v.Row != 7 || len(v.Models) != 1 || v.Models[0] != "row:"+hash[:12] {
		t.Errorf("row %d by %v", v.Row, v.Models)
	}
	// The pack in force changes; the model stays beside it.
	next := w.activate(own, edited(t, regionName, "name: Янтарный край"))
	w.follower.Refresh(t.Context())
	if v := w.verdict(); v.Row != 7 || v.PackHash != next {
		t.Errorf("row %d by pack %s", v.Row, v.PackHash)
	}
	// So does a pack that is looked at before it is in force.
	snap, err := w.follower.Build(w.follower.Pack(own))
	if err != nil {
		t.Fatal(err)
	}
	if v := snap.Judge.Judge(&domain.Post{Region: own, Text: strange}); v.Row != 7 {
		t.Errorf("a pack that is tried is judged without the model: %+v", v)
	}
	other, second := modelFile(t, "row", "5", "3", 1)
	w.putModel("row", second, other)
	kinds, third := modelFile(t, "kind", "problem", "other", 1)
	w.putModel("kind", third, kinds)
	w.follower.Refresh(t.Context())
	if v := w.verdict(); v.Row != 5 || len(v.Models) != 2 {
		t.Errorf("row %d by %v", v.Row, v.Models)
	}
	by := domain.Doer{Region: own, Login: "test", At: time.Now()}
	if to, err := w.store.RollbackModel(t.Context(), "row", "", by); err != nil || to.Hash != hash {
		t.Fatalf("%v, %v", to, err)
	}
	w.follower.Refresh(t.Context())
	if v := w.verdict(); v.Row != 7 {
		t.Errorf("row %d after going back", v.Row)
	}
	if to, err := w.store.RollbackModel(t.Context(), "row", hash, by); err != nil || to.Hash != "" {
		t.Fatalf("%v, %v", to, err)
	}
	w.follower.Refresh(t.Context())
	if v := w.verdict(); v.Row == 7 || len(v.Models) != 1 {
		t.Errorf("row %d by %v after going back to the phrases", v.Row, v.Models)
	}
}

// Whatever stands in the database for a model, the one in force goes on judging,
// the log says why once, and a good one after it is taken.
func TestBrokenModelChangesNothing(t *testing.T) {
	w := newWorld(t, own)
	good, hash := modelFile(t, "row", "7", "3", 1)
	w.putModel("row", hash, good)
	w.follower.Refresh(t.Context())
	strangers, strangersHash := modelFile(t, "row", "7", "900", 1)
	topics, topicsHash := modelFile(t, "topic", "7", "3", 1)
	for name, c := range map[string]struct {
		hash string
		file []byte
		says string
	}{
		"cut short":            {"cut", good[:len(good)-5], "damaged"},
		"no model":             {"none", []byte("привет"), "not a model file"},
		"another's name":       {"wrong-name", good, "under row wrong-name there is row"},
		"rows of another pack": {strangersHash, strangers, "does not fit the pack"},
		"another column":       {topicsHash, topics, "there is topic"},
	} {
		t.Run(name, func(t *testing.T) {
			w.log.Reset()
			w.putModel("row", c.hash, c.file)
			for range 3 {
				w.follower.Refresh(t.Context())
			}
			if v := w.verdict(); v.Row != 7 || v.Models[0] != "row:"+hash[:12] {
				t.Errorf("row %d by %v", v.Row, v.Models)
			}
			if said := w.log.String(); strings.Count(said, "the new model was not taken over") != 1 || !strings.Contains(said, c.says) {
				t.Errorf("the log does not say once what is wrong:\n%s", said)
			}
		})
	}
	// A start does not fail over it: the phrases judge.
	log := &bytes.Buffer{}
	f, err := worker.NewFollower(t.Context(), w.store, []string{own}, school, slog.New(slog.NewTextHandler(log, nil)))
	if err != nil || !strings.Contains(log.String(), "model was not taken over") {
		t.Fatalf("%v: %s", err, log)
	}
	snap, err := f.Snapshot(own)
	if err != nil {
		t.Fatal(err)
	}
	if v := snap.Judge.Judge(&domain.Post{Region: own, Text: strange}); len(v.Models) != 0 {
		t.Errorf("judged by %v", v.Models)
	}
	better, second := modelFile(t, "row", "5", "3", 2)
	w.putModel("row", second, better)
	w.follower.Refresh(t.Context())
	if v := w.verdict(); v.Row != 5 {
		t.Errorf("row %d: a good model after bad ones is not taken over", v.Row)
	}
}

// While a bad version of the pack is kept out, a switch of the model is followed.
func TestBadPackDoesNotKeepAModelOut(t *testing.T) {
	w := newWorld(t, own)
	w.activate(own, edited(t, "\nzone:", "\nzona:"))
	w.follower.Refresh(t.Context())
	file, hash := modelFile(t, "row", "7", "3", 1)
	w.putModel("row", hash, file)
	w.follower.Refresh(t.Context())
	if v := w.verdict(); v.Row != 7 {
		t.Errorf("row %d: the model waits for the pack", v.Row)
	}
}

func switchTo(ref domain.ModelRef, seen string) storage.ModelSwitch {
	return storage.ModelSwitch{ModelRef: ref, Seen: seen, Comparison: []byte("{}"), Reason: "test"}
}

// The bound that was chosen with a model acts as long as the model does.
func TestBoundGoesWithTheModel(t *testing.T) {
	w := newWorld(t, own)
	unseen := func() string {
		t.Helper()
		w.follower.Refresh(t.Context())
		snap, err := w.follower.Snapshot(own)
		if err != nil {
			t.Fatal(err)
		}
		pack := w.follower.Pack(own)
		v := domain.Verdict{Kind: domain.Problem, Topic: pack.Topics[0].ID, Row: pack.RowOf(pack.Topics[0].ID), Confidence: 0.99, Margin: 0.9,
			Place: domain.Place{Municipality: pack.Gazetteer.Municipalities[0].ID, Source: domain.PlaceText}}
		return snap.Router.Decide(time.Now(), domain.Judged{Post: domain.Post{Region: own}, Verdict: v}, nil, nil).Reason
	}
	if got := unseen(); got != "assigned_unseen" {
		t.Fatalf("by the pack: %s", got)
	}
	file, hash := modelFile(t, "row", "7", "3", 1)
	w.putModel("row", hash, file)
	ref := domain.ModelRef{Label: "row", Hash: hash}
	judge := func(comparison string) {
		t.Helper()
		to := switchTo(ref, hash)
		to.Comparison = []byte(comparison)
		if err := w.store.ActivateModel(t.Context(), to, domain.Doer{Region: own, Login: "test", At: time.Now()}); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct{ comparison, want string }{
		{`{}`, "assigned_unseen"},
		{`{"unseen": {"from": 0, "share": 0, "n": 500, "answered": 400}}`, "low_confidence"},
		{`{"unseen": {"from": 0.995, "share": 0.1, "n": 500, "answered": 400}}`, "low_confidence"},
		{`{"unseen": {"from": 0.9, "share": 0.4, "n": 500, "answered": 400}}`, "assigned_unseen"},
	} {
		judge(c.comparison)
		if got := unseen(); got != c.want {
			t.Errorf("%s: %s, want %s", c.comparison, got, c.want)
		}
	}
	judge(`{"unseen": {"from": 0, "share": 0, "n": 500, "answered": 400}}`)
	if _, err := w.store.RollbackModel(t.Context(), "row", "", domain.Doer{Region: own, Login: "test", At: time.Now()}); err != nil {
		t.Fatal(err)
	}
	if got := unseen(); got != "assigned_unseen" {
		t.Errorf("the model is gone, its bound acts: %s", got)
	}
}
