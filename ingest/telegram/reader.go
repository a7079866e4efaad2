package tgingest

import (
	"encoding/hex"
	"slices"
	"strconv"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/ingest"
)

// seenWindow is how many of the newest posts the cursor knows: three pages, so
// that deletions on the newest one do not bring in posts it has forgotten.
const seenWindow = 60

// gone is the hash of a post whose deletion was reported.
const gone = "-"

// seen is a post as it was last taken. Missed is set when the newest page once
// did not show it: pages come from many caches, only the second time counts.
type seen struct {
	ID     int64  `json:"i"`
	Hash   string `json:"h"`
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
		r.cur.Seen = slices.Insert(r.cur.Seen, at, seen{ID: id, Hash: hash})
		r.trim()
	}
	if p.edited {
		p.EditedAt = r.now // the page does not say when; no later than now
	}
	r.posts = append(r.posts, p.Post)
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
	if extra := len(r.cur.Seen) - seenWindow; extra > 0 {
		r.cur.Seen = slices.Delete(r.cur.Seen, 0, extra)
	}
}

// missing finds posts that should be on the newest page and are not: quiet
// deletions, of which Telegram tells nobody.
func (r *reader) missing(pg *page) {
	low := pg.low()
	for i := range r.cur.Seen {
		s := &r.cur.Seen[i]
		switch {
		case s.ID < low || s.Hash == gone:
		case slices.Contains(pg.ids, s.ID):
			s.Missed = false
		case !s.Missed:
			s.Missed = true
		default:
			s.Hash, s.Missed = gone, false
			id := domain.NewPostID(domain.Telegram, r.cur.Owner, strconv.FormatInt(s.ID, 10))
			r.deletions = append(r.deletions, domain.Deletion{ID: id, At: r.now})
		}
	}
}
