package tgingest

import (
	"encoding/hex"
	"slices"
	"strconv"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/ingest"
)

// seenWindow is how many of the newest posts the cursor knows whatever their age:
// three pages, so that deletions on the newest one do not bring in posts it has
// forgotten. Posts of the recheck days it knows up to maxSeen (60 bytes each):
// what a busier channel published before those is not looked at again.
const (
	seenWindow = 60
	maxSeen    = 700
)

// gone is the hash of a post whose deletion was reported.
const gone = "-"

// seen is a post as it was last taken. Missed is set when the newest page once
// did not show it: pages come from many caches, only the second time counts.
type seen struct {
	ID     int64  `json:"i"`
	Hash   string `json:"h"`
	Date   int64  `json:"d,omitempty"` // of publication, unix seconds
	Last   int64  `json:"l,omitempty"` // id of an album's last member
	Missed bool   `json:"m,omitempty"`
}

// reader is one pull of a preview.
type reader struct {
	src       domain.Source
	set       Settings
	channel   string
	now       time.Time
	cur       previewCursor
	before    []byte // the cursor as it was
	low       int64  // the lowest id of the newest page
	posts     []domain.Post
	deletions []domain.Deletion
}

// consider takes a post if it is new or its text changed since it was taken.
// What is older than the first poll's reach is never taken, edited or not.
func (r *reader) consider(p *pagePost, w *walk) {
	id, err := strconv.ParseInt(p.ID.Post, 10, 64)
	if err != nil {
		return
	}
	r.complete(&p.Post)
	hash := shortHash(&p.Post)
	at, known := r.find(id)
	switch {
	case known && r.cur.Seen[at].Hash == hash:
		return
	case known:
		p.edited = true
		r.cur.Seen[at].Hash = hash
	case id <= w.Floor || w.old(p):
		return
	default:
		r.cur.Seen = slices.Insert(r.cur.Seen, at, seen{ID: id, Hash: hash, Date: p.published(), Last: p.last})
		r.trim()
	}
	if p.edited {
		p.EditedAt = r.now // the page does not say when; no later than now
	}
	r.give(p.Post)
}

// give hands a post on once, as it was met last: pages overlap, and it may have
// changed between two of them.
func (r *reader) give(p domain.Post) {
	r.deletions = slices.DeleteFunc(r.deletions, func(d domain.Deletion) bool { return d.ID == p.ID })
	if at := slices.IndexFunc(r.posts, func(o domain.Post) bool { return o.ID == p.ID }); at >= 0 {
		r.posts[at] = p
		return
	}
	r.posts = append(r.posts, p)
}

// complete adds what the page does not know, and makes the post storable.
func (r *reader) complete(p *domain.Post) {
	p.ID.Owner, p.Author.ID = r.cur.Owner, r.cur.Owner
	p.Region, p.SourceID = r.src.Region, r.src.ID
	p.Home = r.set.home([]string{"@" + r.channel, r.cur.Owner}, r.src.Home)
	ingest.Sanitize(p)
}

func shortHash(p *domain.Post) string {
	h := p.TextHash()
	return hex.EncodeToString(h[:6])
}

func (r *reader) find(id int64) (int, bool) {
	return slices.BinarySearchFunc(r.cur.Seen, id, func(s seen, id int64) int { return int(s.ID - id) })
}

func (r *reader) trim() {
	since := r.now.AddDate(0, 0, -r.set.recheck()).Unix()
	extra := 0
	for rest := len(r.cur.Seen); rest > maxSeen || rest > seenWindow && r.cur.Seen[extra].Date < since; rest-- {
		extra++
	}
	r.cur.Seen = slices.Delete(r.cur.Seen, 0, extra)
}

// missing finds posts that should be on the newest page and are not: quiet
// deletions, of which Telegram tells nobody.
func (r *reader) missing(pg *page) {
	low := pg.low()
	for i := range r.cur.Seen {
		if s := &r.cur.Seen[i]; s.ID >= low && s.Hash != gone {
			r.absent(s, pg)
		}
	}
}
