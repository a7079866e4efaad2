package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/otklik/otklik/demo"
	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/rules"
)

// Shares of the mix, in percent. A control centre scans ten to a hundred posts
// for a case; this mix is several times heavier, because complaints are what
// costs.
const (
	shareComments   = 55 // of all; the rest are posts of a wall
	shareComplaints = 25 // of wall posts
	shareCopies     = 5  // of wall posts: an earlier complaint word for word, on another wall
	shareReposts    = 2  // of wall posts: the same as a repost
	shareOnTopic    = 40 // of comments under a complaint: about the same thing
	shareStray      = 5  // of other comments: a complaint of something else
	shareReactions  = 60 // of the rest: a word or two
	sharePhotos     = 40 // of wall posts
)

// mix writes the posts of some walls. The same seed writes the same posts.
type mix struct {
	rng    *rand.Rand
	say    *speaker
	now    time.Time
	walls  []*wallMix
	recent []complaintMix // complaints of all walls, to be copied and reposted
	next   int
}

// wallMix is one wall of the mix.
type wallMix struct {
	owner int64
	last  int64 // posts and comments of a wall share one row of numbers, as on VK
	roots []rootMix
}

// rootMix is a wall post under which people talk.
type rootMix struct {
	id    domain.PostID
	topic int // -1: nobody's problem
}

type complaintMix struct {
	id   domain.PostID
	text string
}

// remembered bounds what may be commented, copied or reposted.
const remembered = 200

func newMix(pack *rules.Pack, seed uint64, walls int, now time.Time) (*mix, error) {
	feed, err := demo.Builtin()
	if err != nil {
		return nil, err
	}
	rng := rand.New(rand.NewPCG(seed, 0)) //nolint:gosec // repeatable on purpose
	say, err := newSpeaker(pack, feed, rng)
	if err != nil {
		return nil, err
	}
	m := &mix{rng: rng, say: say, now: now}
	for i := range walls {
		m.walls = append(m.walls, &wallMix{owner: wallOwner(i)})
	}
	return m, nil
}

// wallOwner is the owner of the i-th wall: a community, so negative.
func wallOwner(i int) int64 { return -200000001 - int64(i) }

// posts writes n posts of one wall.
func (m *mix) posts(wall, n int) []domain.Post {
	out := make([]domain.Post, n)
	for i := range out {
		out[i] = m.post(m.walls[wall])
	}
	return out
}

func (m *mix) chance(percent int) bool { return m.rng.IntN(100) < percent }

func (m *mix) post(w *wallMix) domain.Post {
	w.last++
	p := domain.Post{
		Kind: domain.WallPost, PublishedAt: m.now.Add(time.Duration(m.next) * time.Millisecond),
		Author: domain.Author{ID: itoa(1 + m.rng.IntN(400_000)), Name: pick(m.rng, names())},
		Views:  int64(m.rng.IntN(5000)), ID: domain.NewPostID(domain.VK, fmt.Sprint(w.owner), fmt.Sprint(w.last)),
	}
	m.next++
	if len(w.roots) > 0 && m.chance(shareComments) {
		m.comment(&p, pick(m.rng, w.roots))
	} else {
		m.root(w, &p)
	}
	p.URL = "https://vk.com/wall" + fmt.Sprint(w.owner) + "_" + p.ID.Post
	return p
}

func (m *mix) comment(p *domain.Post, under rootMix) {
	p.ID.Comment, p.ID.Post = p.ID.Post, under.id.Post
	p.Kind, p.Thread, p.Views = domain.Comment, under.id, 0
	switch {
	case under.topic >= 0 && m.chance(shareOnTopic):
		p.Text = m.say.complaint(under.topic, 1)
	case m.chance(shareStray):
		p.Text = m.say.complaint(m.rng.IntN(len(m.say.topics)), 1)
	case m.chance(shareReactions):
		p.Text = m.say.reaction()
	default:
		p.Text = m.say.chat(1)
	}
}

func (m *mix) root(w *wallMix, p *domain.Post) {
	topic := -1
	kind := m.rng.IntN(100)
	switch {
	case kind < shareCopies && len(m.recent) > 0:
		p.Text = pick(m.rng, m.recent).text
	case kind < shareCopies+shareReposts && len(m.recent) > 0:
		first := pick(m.rng, m.recent)
		p.Text, p.Origin = first.text, first.id
	case kind < shareCopies+shareReposts+shareComplaints:
		topic = m.rng.IntN(len(m.say.topics))
		p.Text = m.say.complaint(topic, 1+m.rng.IntN(4))
		m.recent = remember(m.recent, complaintMix{p.ID, p.Text})
	default:
		p.Text = m.say.chat(1 + m.rng.IntN(3))
	}
	if m.chance(sharePhotos) {
		p.Attachments = []domain.Attachment{{Type: "photo", URL: fmt.Sprintf("https://sun9-%d.userapi.com/impg/c%d/v%d/1/%x.jpg?size=1280x960&quality=96",
			m.rng.IntN(90), m.rng.IntN(1e9), m.rng.IntN(1e9), m.rng.Uint64())}}
	}
	w.roots = remember(w.roots, rootMix{p.ID, topic})
}

func remember[T any](list []T, item T) []T {
	if len(list) >= remembered {
		list = list[1:]
	}
	return append(list, item)
}

func names() []string {
	return []string{"Анна К.", "Игорь Ветров", "Мария Лесная", "Пётр Заречный", "Ольга П.", "Житель района", "Светлана Юрьевна"}
}

// rawOf is about what VK sends of such a post; making it is left to who needs it.
func rawOf(p *domain.Post) []byte {
	raw, err := json.Marshal(map[string]any{
		"id": p.ID.Post, "owner_id": p.ID.Owner, "from_id": p.Author.ID, "date": p.PublishedAt.Unix(), "post_type": "post",
		"text": p.Text, "attachments": p.Attachments, "marked_as_ads": 0, "is_favorite": false, "can_edit": 0,
		"likes": map[string]any{"count": p.Views / 30, "user_likes": 0, "can_like": 1}, "reposts": map[string]any{"count": 1},
		"comments": map[string]any{"can_post": 1, "count": p.Comments, "groups_can_post": true},
		"views":    map[string]any{"count": p.Views}, "post_source": map[string]any{"type": "vk"},
	})
	if err != nil {
		panic(err) // plain values marshal
	}
	return raw
}
