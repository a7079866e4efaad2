package main

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/otklik/otklik/classify"
	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/router"
	"github.com/otklik/otklik/rules"
)

// sameFile holds problems, each told in several ways.
const sameFile = "classify/testdata/same.jsonl"

type sameCommand struct {
	Show bool `help:"Show what was joined wrongly, and what was not found, of the half that may be looked at."`
}

// Run prints how well the same problem told in other words is found.
func (cmd *sameCommand) Run() error {
	f := newFigures(os.Stdout)
	if err := evalSame(classify.NewSchool(), f, cmd.Show); err != nil {
		return err
	}
	return f.err()
}

// evalSame plays the generated posts to the classifier and the router, as the worker
// does, and counts. Half of the problems is never looked at singly.
func evalSame(school *classify.School, figures *figures, show bool) error {
	pack, err := rules.LoadEmbedded("khabarovsk")
	if err != nil {
		return fmt.Errorf("the pack of the generated posts: %w", err)
	}
	c, err := classify.Compile(pack, classify.Options{School: school})
	if err != nil {
		return fmt.Errorf("the pack of the generated posts: %w", err)
	}
	said, err := readSame(sameFile)
	if err != nil {
		return err
	}
	for _, aside := range []bool{false, true} {
		name := map[bool]string{true: "_aside"}[aside]
		s := play(c, pack, tell(said, aside), show && !aside)
		figures.print("same_joined_precision"+name, "", ratio(s.paraphraseRight, s.paraphrases))
		figures.print("same_all_precision"+name, "", ratio(s.joinedRight, s.joined))
		figures.print("same_recall"+name, "", ratio(s.found, s.again))
		figures.print("same_recall_offered"+name, "", ratio(s.found+s.offered, s.again))
		fmt.Printf("same%s: %d posts of %d problems, %d joined, %d of these as paraphrases\n", name, s.posts, s.problems, s.joined, s.paraphrases)
	}
	return evalPairs(c, pack, figures, show)
}

// said is a problem in several wordings, and how its place is told.
type said struct {
	At  string   `json:"at"` // street, house, town, number; thanks are no problem
	Say []string `json:"say"`
}

// half of the wordings, or all.
func (s said) half(cut bool, which int) said {
	if middle := len(s.Say) / 2; cut {
		s.Say = [][]string{s.Say[:middle], s.Say[middle:]}[which]
	}
	return s
}

func readSame(path string) ([]said, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the problems: %w", err)
	}
	var out []said
	for lines := bufio.NewScanner(bytes.NewReader(raw)); lines.Scan(); {
		var s said
		if err := json.Unmarshal(lines.Bytes(), &s); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		out = append(out, s)
	}
	return out, nil
}

// told is a generated post and the event it tells of.
type told struct {
	text  string
	home  string
	at    time.Time
	event int // 0: of none that is anybody's task
	first bool
	after answered
}

// answered tells what has become of the event's own case before the post comes.
type answered int

const (
	nothing answered = iota
	closedCase
	answeredCase
)

// teller writes posts of events.
type teller struct {
	rng    *rand.Rand
	posts  []told
	events int
	now    time.Time
}

// Places of the generated posts; the streets do not bend.
func streets() []string {
	return []string{"Ленина", "Карла Маркса", "Гагарина", "Калинина", "Пушкина", "Шевченко", "Тургенева", "Серышева", "Гоголя", "Фрунзе"}
}

func towns() [][2]string {
	return [][2]string{{"в Переяславке", "Переяславка"}, {"в Хоре", "Хор"}, {"в Берёзовке", "Берёзовка"}, {"в Вяземском", "Вяземский"}, {"в Чегдомыне", "Чегдомын"}}
}

// landmarks are two places in one street.
func landmarks() [][2]string {
	return [][2]string{{" у школы", " возле рынка"}, {" напротив аптеки", " около бассейна"}, {" возле магазина Самбери", " у почты"}}
}

// start is when the first posts come.
func start() time.Time { return time.Date(2026, 11, 2, 6, 0, 0, 0, time.UTC) }

// tell writes all events of one half of the problems, in the order of time.
func tell(list []said, aside bool) []told {
	t := &teller{rng: rand.New(rand.NewPCG(7, 11)), now: start()}
	for i, s := range list {
		if s.At == "thanks" || (i%2 == 1) != aside {
			continue
		}
		t.problem(s)
	}
	for _, s := range list {
		if s.At == "thanks" {
			for _, w := range s.Say {
				t.add(fill(w, streets()[t.rng.IntN(4)], 0), "khabarovsk-city", t.now.Add(t.hours(60)), 0)
			}
		}
	}
	slices.SortStableFunc(t.posts, func(a, b told) int { return a.at.Compare(b.at) })
	seen := map[int]bool{}
	for i := range t.posts {
		t.posts[i].first = t.posts[i].event != 0 && !seen[t.posts[i].event]
		seen[t.posts[i].event] = true
	}
	return t.posts
}

func (t *teller) hours(most int) time.Duration {
	return time.Duration(t.rng.IntN(most*60)) * time.Minute
}

func (t *teller) add(text, home string, at time.Time, event int) *told {
	t.posts = append(t.posts, told{text: text, home: home, at: at, event: event})
	return &t.posts[len(t.posts)-1]
}

// problem tells one problem of many places at once, and what only looks like it.
func (t *teller) problem(s said) {
	for n := range 4 {
		t.now = start().AddDate(0, 0, 30*n)
		place := func(i int) (func(string) string, string) { return t.place(s.At, n, i) }
		for i := range 3 { // three places at the same time: other street, other town, other number
			words, home := place(i)
			first := t.event(s.half(i == 0, 0), words, home, t.now.Add(t.hours(20)), "")
			first.after = closedCase // of the month before
		}
		words, home := place(0) // solved, and again in words not heard before
		again := t.event(s.half(true, 1), words, home, t.now.AddDate(0, 0, 4).Add(t.hours(5)), "")
		again.after = answered(1 + n%2)
		if s.At == "street" {
			words, home := place(3)
			for _, where := range landmarks()[n%len(landmarks())] { // two places in one street
				t.event(s, words, home, t.now.Add(t.hours(20)), where)
			}
		}
		if s.At == "house" {
			other, home := t.place(s.At, n, 5) // the house next door
			t.event(s, other, home, t.now.Add(t.hours(20)), "")
		}
	}
}

// event tells one event in some of its wordings, with a flood of copies that are not
// quite the same; it returns its first post.
func (t *teller) event(s said, place func(string) string, home string, at time.Time, where string) *told {
	t.events++
	first := len(t.posts)
	for i, w := range t.rng.Perm(len(s.Say)) {
		text := place(s.Say[w])
		if where != "" {
			end := strings.IndexAny(text, ",:.?")
			if end < 0 {
				end = len(text)
			}
			text = text[:end] + where + text[end:]
		}
		t.add(text, home, at, t.events)
		if i == 0 {
			t.add("Повторяю второй раз! "+text, home, at.Add(time.Hour), t.events)
		}
		at = at.Add(30*time.Minute + t.hours(4))
	}
	return &t.posts[first]
}

// place fills the n-th set's i-th place into a wording.
func (t *teller) place(at string, n, i int) (func(string) string, string) {
	street, house := streets()[(n+i)%len(streets())], 3+4*n
	if i == 5 { // another house of the first street
		street, house = streets()[n%len(streets())], house+2
	}
	number := 5 + 7*n + i
	home := "khabarovsk-city"
	if at == "town" {
		home = ""
	}
	town := towns()[(n+i)%len(towns())]
	return func(w string) string {
		w = strings.NewReplacer("{T}", strings.ToUpper(town[0][:2])+town[0][2:], "{t}", town[0], "{n}", town[1], "{k}", strconv.Itoa(number)).Replace(w)
		return fill(w, street, house)
	}, home
}

func fill(w, street string, house int) string {
	return strings.NewReplacer("{s}", street, "{h}", strconv.Itoa(house)).Replace(w)
}

// sameScore counts what was joined by itself and what was found.
type sameScore struct {
	posts, problems              int
	joined, joinedRight          int
	paraphrases, paraphraseRight int
	again, found, offered        int
}

// play is the worker without its database: the same keys, the same decisions.
func play(c *classify.Classifier, pack *rules.Pack, posts []told, show bool) sameScore {
	r := router.New(pack)
	w := &sameWorld{byKey: map[string][]*sameCase{}, ofEvent: map[int]*sameCase{}}
	var s sameScore
	for i, p := range posts {
		j := domain.Judged{Post: domain.Post{ID: domain.NewPostID(domain.VK, "-"+strconv.Itoa(i+1), "1"), Text: p.text, Home: p.home, PublishedAt: p.at, Region: pack.Region.ID}}
		j.Verdict = c.Judge(&j.Post)
		j.Keys = r.Keys(j)
		w.settle(p)
		d := r.Decide(p.at, j, nil, w.offered(&j))
		s.posts++
		var into *sameCase
		switch d.Action {
		case domain.ActionOpen:
			into = w.open(&j, d, p)
		case domain.ActionAttach:
			into = w.byID(d.CaseID)
			right := p.event != 0 && into.event == p.event
			s.count(d.Reason, right)
			if show && !right {
				fmt.Printf("joined wrongly (%s): «%s» to «%s»\n", d.Reason, p.text, into.text)
			}
			w.keep(into, &j)
		}
		s.follow(w, p, into, d, show)
	}
	s.problems = len(w.ofEvent)
	return s
}

func (s *sameScore) count(reason string, right bool) {
	s.joined++
	if right {
		s.joinedRight++
	}
	if reason == string(router.AttachedParaphrase) {
		s.paraphrases++
		if right {
			s.paraphraseRight++
		}
	}
}

// follow counts whether a post that tells of a known event was found to.
func (s *sameScore) follow(w *sameWorld, p told, into *sameCase, d domain.Decision, show bool) {
	if p.event == 0 {
		return
	}
	known := w.ofEvent[p.event]
	if known == nil {
		w.ofEvent[p.event] = into
		return
	}
	s.again++
	switch {
	case into == known:
		s.found++
	case slices.ContainsFunc(d.Like, func(l domain.Likely) bool { return l.CaseID == known.id }):
		s.offered++
	case show:
		fmt.Printf("not found (%s): «%s», the case is «%s»\n", d.Reason, p.text, known.text)
	}
}

type sameWorld struct {
	cases   []*sameCase
	byKey   map[string][]*sameCase
	ofEvent map[int]*sameCase
}

type sameCase struct {
	id     int64
	event  int
	text   string
	state  domain.State
	row    int
	topic  string
	in     string
	at     time.Time
	prints map[string]domain.Print
	keys   map[string]bool
}

// settle closes or answers what an earlier telling of the same place was about.
func (w *sameWorld) settle(p told) {
	if p.after == nothing {
		return
	}
	for _, c := range w.cases {
		if old := p.at.Sub(c.at); old > 24*time.Hour && c.state == domain.Coordination || old > 20*24*time.Hour && c.state == domain.Satisfaction {
			c.state = map[answered]domain.State{closedCase: domain.Done, answeredCase: domain.Satisfaction}[p.after]
		}
	}
}

func (w *sameWorld) byID(id int64) *sameCase { return w.cases[id-1] }

func (w *sameWorld) open(j *domain.Judged, d domain.Decision, p told) *sameCase {
	c := &sameCase{id: int64(len(w.cases) + 1), event: p.event, text: p.text, state: domain.Coordination, row: j.Verdict.Row, topic: j.Verdict.Topic,
		in: j.Verdict.Place.Municipality, at: d.RegisteredAt, prints: map[string]domain.Print{}, keys: map[string]bool{}}
	w.cases = append(w.cases, c)
	w.keep(c, j)
	return c
}

func (w *sameWorld) keep(c *sameCase, j *domain.Judged) {
	for _, k := range j.Keys {
		if c.keys[k] {
			continue
		}
		c.keys[k] = true
		w.byKey[k] = append(w.byKey[k], c)
		if strings.HasPrefix(k, domain.KeyLike) {
			c.prints[k] = j.Print()
		}
	}
}

func (w *sameWorld) offered(j *domain.Judged) []domain.OpenCase {
	var out []domain.OpenCase
	for _, k := range j.Keys {
		for _, c := range w.byKey[k] {
			if c.state.Open() && !slices.ContainsFunc(out, func(o domain.OpenCase) bool { return o.ID == c.id }) {
				out = append(out, domain.OpenCase{ID: c.id, Number: strconv.FormatInt(c.id, 10), State: c.state, Row: c.row, Topic: c.topic,
					Municipality: c.in, Posts: 1, RegisteredAt: c.at, Prints: c.prints, Keys: slices.Sorted(maps.Keys(c.keys))})
			}
		}
	}
	slices.SortFunc(out, func(a, b domain.OpenCase) int { return cmp.Compare(a.ID, b.ID) })
	return out
}
