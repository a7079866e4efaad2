package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/otklik/otklik/classify"
	"github.com/otklik/otklik/desk/packs"
	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/router"
	"github.com/otklik/otklik/rules"
	"github.com/otklik/otklik/storage"
	"github.com/otklik/otklik/worker"
)

// deskPacks are the packs as the page of rules sees them.
type deskPacks struct {
	store    *storage.Store
	follower *worker.Follower
	clock    domain.Clock
}

func (d deskPacks) active(region string) (*rules.Pack, error) {
	pack, _, err := d.follower.Active(region)
	return pack, err
}

// explainer is a judge that tells which phrases it met.
type explainer interface {
	worker.Judge
	Explain(text string) (classify.Explanation, error)
}

// judge gives a version of a pack with its judge: the one in force for "". That
// one is compiled already, and compiling makes whoever tries a text wait.
func (d deskPacks) judge(ctx context.Context, region, hash string) (*rules.Pack, explainer, error) {
	pack, snap, err := d.follower.Active(region)
	if err == nil && hash != "" && hash != pack.Hash {
		if pack, err = d.load(ctx, region, hash); err == nil {
			snap, err = d.follower.Build(pack)
		}
	}
	if err != nil {
		return nil, nil, err
	}
	judge, ok := snap.Judge.(explainer)
	if !ok {
		return nil, nil, fmt.Errorf("%T does not explain its verdicts", snap.Judge)
	}
	return pack, judge, nil
}

// Summary implements packs.Rules.
func (d deskPacks) Summary(region string) (packs.Summary, error) {
	p, err := d.active(region)
	if err != nil {
		return packs.Summary{}, err
	}
	s := packs.Summary{Name: p.Region.Name, Decree: p.Region.Decree.Number + " от " + dateWords(p.Region.Decree.Date), Status: p.Region.Decree.Status,
		Rows: len(p.Categories), Topics: len(p.Topics), Bodies: len(p.Agencies), Places: len(p.Gazetteer.Settlements),
		AssignConfidence: p.Region.Thresholds.AssignConfidence, AssignMargin: p.Region.Thresholds.AssignMargin}
	for _, t := range p.Topics {
		s.Phrases += len(t.Phrases)
	}
	match, miss := sentenceCount(p)
	s.Sentences = match + miss
	return s, nil
}

// dateWords turns a pack's "2023-04-14" into 14.04.2023.
func dateWords(iso string) string {
	d, err := domain.ParseDate(iso)
	if err != nil {
		return iso
	}
	return d.Words()
}

// Versions implements packs.Rules.
func (d deskPacks) Versions(ctx context.Context, region string) ([]packs.Version, error) {
	stored, err := d.store.PackVersions(ctx, region)
	if err != nil {
		return nil, err
	}
	out := make([]packs.Version, len(stored))
	for i, v := range stored {
		out[i] = packs.Version{Hash: v.Hash, CreatedAt: v.CreatedAt, CreatedBy: v.CreatedBy, Active: v.Active,
			ActivatedAt: v.ActivatedAt, ActivatedBy: v.ActivatedBy}
	}
	return out, nil
}

// Files implements packs.Rules.
func (d deskPacks) Files(ctx context.Context, region, hash string) (map[string][]byte, error) {
	v, err := d.store.PackVersion(ctx, region, hash)
	return v.Files, err
}

// Save implements packs.Rules.
func (d deskPacks) Save(ctx context.Context, by domain.Doer, files map[string][]byte, what string) (string, []packs.Fault, error) {
	region := by.Region
	pack, err := checkPack(rules.Files(files), by.At)
	var faults rules.Faults
	if errors.As(err, &faults) {
		return "", showFaults(faults), nil
	}
	if err != nil {
		return "", nil, err
	}
	if pack.Region.ID != region {
		return "", []packs.Fault{{File: "region.yaml", What: "это пакет региона «" + pack.Region.ID + "»", Mend: "загрузите пакет своего региона: id: " + region}}, nil
	}
	err = d.store.SavePackVersion(ctx, storage.PackVersion{Region: region, Code: pack.Region.Code, Zone: pack.Region.Zone,
		Hash: pack.Hash, Files: files, CreatedAt: by.At, CreatedBy: by.Login},
		packNote(by, "rules_saved", pack.Hash, "сохранена версия правил: "+what))
	var taken *storage.CodeTakenError
	if errors.As(err, &taken) {
		return "", []packs.Fault{{File: "region.yaml", What: "код субъекта «" + taken.Code + "» уже у региона «" + taken.Other + "»",
			Mend: "впишите другой code: с него начинаются номера инцидентов"}}, nil
	}
	return pack.Hash, nil, err
}

func showFaults(faults rules.Faults) []packs.Fault {
	out := make([]packs.Fault, len(faults))
	for i, f := range faults {
		out[i] = packs.Fault{File: f.File, Line: f.Line, What: f.What, Mend: f.Mend}
	}
	return out
}

// Activate implements packs.Rules.
func (d deskPacks) Activate(ctx context.Context, by domain.Doer, hash, seen string) error {
	return d.store.ActivatePackAfter(ctx, by.Region, hash, seen, by.Login, by.At, packNote(by, "rules_activated", hash, "версия правил введена в действие"))
}

// packNote is a line of the journal about a version of a pack.
func packNote(by domain.Doer, action, hash, words string) domain.Entry {
	return domain.EntryOf(by, action, "pack", shortSum(hash), words)
}

// Rollback implements packs.Rules.
func (d deskPacks) Rollback(ctx context.Context, by domain.Doer, seen string) (string, error) {
	return d.store.RollbackPackFrom(ctx, by.Region, seen, by.Login, by.At,
		packNote(by, "rules_rolled_back", "", "возвращена предыдущая версия правил"))
}

// load gives a version of a pack: the one in force for "".
func (d deskPacks) load(ctx context.Context, region, hash string) (*rules.Pack, error) {
	if hash == "" {
		return d.active(region)
	}
	files, err := d.Files(ctx, region, hash)
	if err != nil {
		return nil, err
	}
	return rules.Load(rules.Files(files))
}

// Try implements packs.Rules.
func (d deskPacks) Try(ctx context.Context, region, hash, text, home string) (packs.Trial, error) {
	pack, judge, err := d.judge(ctx, region, hash)
	if err != nil {
		return packs.Trial{}, err
	}
	post := domain.Post{Region: region, Text: text, Home: home, Kind: domain.WallPost}
	explained, err := judge.Explain(text)
	if err != nil {
		return packs.Trial{}, err
	}
	t := packs.Trial{Verdict: judge.Judge(&post), Groups: trialGroups(pack, explained)}
	d.route(pack, post, &t)
	return t, nil
}

// route says what would become of the text.
func (d deskPacks) route(pack *rules.Pack, post domain.Post, t *packs.Trial) {
	decision := router.New(pack).Decide(d.clock.Now(), domain.Judged{Post: post, Verdict: t.Verdict}, nil, nil)
	t.Action = decision.Words
	if decision.AgencyID != "" {
		t.Agency = agencyNames(pack)(decision.AgencyID)
	}
}

func trialGroups(pack *rules.Pack, e classify.Explanation) []packs.TrialGroup {
	titles := topicTitles(pack)
	var out []packs.TrialGroup
	for _, g := range e.Groups {
		if len(g.Phrases) == 0 {
			continue
		}
		group := packs.TrialGroup{Title: cmp.Or(titles[g.Name], groupWords(g.Name)), Score: g.Score}
		if g.Row > 0 {
			group.Title = fmt.Sprintf("стр. %d · %s", g.Row, group.Title)
		}
		for _, p := range g.Phrases {
			group.Phrases = append(group.Phrases, packs.TrialPhrase{Words: phraseWords(p), Weight: weightOf(p), File: p.File, Line: p.Line})
		}
		out = append(out, group)
	}
	return out
}

func topicTitles(pack *rules.Pack) map[string]string {
	out := map[string]string{}
	for _, t := range pack.Topics {
		out[t.ID] = t.Title
	}
	for _, u := range pack.Signals.Urgent {
		out["urgent:"+u.ID] = "срочно: " + u.Title
	}
	return out
}

// groupWords names the signals that have no title.
func groupWords(name string) string {
	switch name {
	case "kind:voice":
		return "обращается человек"
	case "kind:problem":
		return "речь о проблеме"
	case "kind:thanks":
		return "благодарность"
	case "kind:other":
		return "новость, реклама, поздравление"
	case "urgent:calm":
		return "опасности уже нет"
	}
	return name
}

func weightOf(p *rules.Phrase) float64 {
	if p.Weight == 0 {
		return 1
	}
	return p.Weight
}

// phraseWords writes a phrase as it is read: «яма + дорога, рядом: …».
func phraseWords(p *rules.Phrase) string {
	var parts []string
	add := func(words []string, prefix, between string) {
		if len(words) > 0 {
			parts = append(parts, prefix+"«"+strings.Join(words, between)+"»")
		}
	}
	add(p.All, "", "» и «")
	add(p.Any, "", "» или «")
	add(p.Near, "рядом ", "» и «")
	add(p.Not, "без ", "» и «")
	return strings.Join(parts, ", ")
}

// keptChanges is how many changes a dry run keeps, for the page and its file.
const keptChanges = 5000

// DryRun implements packs.Rules.
func (d deskPacks) DryRun(ctx context.Context, region, hash string, progress packs.Progress) (packs.DryRun, error) {
	pack, err := d.load(ctx, region, hash)
	if err != nil {
		return packs.DryRun{}, err
	}
	active, err := d.active(region)
	if err != nil {
		return packs.DryRun{}, err
	}
	snap, err := d.follower.Build(pack)
	if err != nil {
		return packs.DryRun{}, err
	}
	run := newDryRun(active, pack, snap.Judge, d.clock.Now())
	total, err := d.store.CountPosts(ctx, region, time.Unix(0, 0))
	if err != nil {
		return packs.DryRun{}, err
	}
	out := packs.DryRun{}
	names := agencyNames(pack)
	err = d.store.EachPost(ctx, region, func(p storage.JudgedPost) error {
		if c, changes := run.compare(p); changes && len(out.Shown) < keptChanges {
			out.Shown = append(out.Shown, showChange(p, c, names))
		}
		if progress(int64(run.seen), total) {
			return context.Canceled
		}
		return nil
	})
	out.Seen, out.Changed, out.Moved = run.seen, run.changed, run.moved
	return out, err
}

func showChange(p storage.JudgedPost, c change, agency func(string) string) packs.Change {
	words := func(v domain.Verdict, body string) string {
		s := verdictWords(v.Kind, v.Row)
		if body != "" {
			s += " → " + agency(body)
		}
		return s
	}
	out := packs.Change{URL: p.Post.URL, Text: clip([]byte(domain.Mask(p.Post.Text))), Was: words(p.Verdict.Verdict, c.was), Will: words(c.verdict, c.now), Moved: c.moves}
	if c.closed {
		out.URL, out.Text = "", ""
	}
	return out
}

// Uses implements packs.Rules.
func (d deskPacks) Uses(ctx context.Context, region string, days int, progress packs.Progress) (packs.Uses, error) {
	pack, judge, err := d.judge(ctx, region, "")
	if err != nil {
		return packs.Uses{}, err
	}
	since := d.clock.Now().AddDate(0, 0, -days)
	total, err := d.store.CountPosts(ctx, region, since)
	if err != nil {
		return packs.Uses{}, err
	}
	c := useCount{judge: judge, uses: map[*rules.Phrase]*packs.Use{}}
	err = d.store.EachPostSince(ctx, region, since, func(p storage.JudgedPost) error {
		if progress(int64(c.posts), total) {
			return context.Canceled
		}
		return c.post(p)
	})
	return c.result(pack, days), err
}

// useCount counts how phrases of topics do.
type useCount struct {
	judge explainer
	posts int
	uses  map[*rules.Phrase]*packs.Use
}

func (c *useCount) post(p storage.JudgedPost) error {
	c.posts++
	e, err := c.judge.Explain(judgedText(p))
	if err != nil {
		return nil //nolint:nilerr // a text that cannot be read has no phrases
	}
	reversed := p.Reversed()
	for _, g := range e.Groups {
		if strings.Contains(g.Name, ":") {
			continue // kinds and dangers are not topics
		}
		decided := g.Name == p.Verdict.Topic
		for _, phrase := range g.Phrases {
			u := c.uses[phrase]
			if u == nil {
				u = &packs.Use{Row: g.Row}
				c.uses[phrase] = u
			}
			u.Fired++
			if decided {
				u.Decided++
			}
			if decided && reversed {
				u.Reversed++
			}
		}
	}
	return nil
}

func (c *useCount) result(pack *rules.Pack, days int) packs.Uses {
	out := packs.Uses{Posts: c.posts, Days: days}
	for i := range pack.Topics {
		t := &pack.Topics[i]
		for k := range t.Phrases {
			phrase := &t.Phrases[k]
			u := c.uses[phrase]
			if u == nil {
				out.Silent++
				continue
			}
			u.Topic, u.Words, u.File, u.Line = t.Title, phraseWords(phrase), phrase.File, phrase.Line
			out.List = append(out.List, *u)
		}
	}
	slices.SortFunc(out.List, func(a, b packs.Use) int {
		return cmp.Or(b.Reversed-a.Reversed, b.Fired-a.Fired, cmp.Compare(a.File, b.File), a.Line-b.Line)
	})
	return out
}
