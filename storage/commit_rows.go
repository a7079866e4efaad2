package storage

import (
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgtype"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage/db"
)

// writes gathers the rows of one wave, column by column as unnest wants them.
type writes struct {
	posts    db.InsertPostsParams
	rewrites db.RewritePostsParams
	ids      db.UpdatePostIDsParams
	settled  []int64 // parts judged on their own after all
	albums   map[string]bool

	replaced oldVerdicts
	verdicts db.InsertVerdictsParams

	cases     []*caseRow
	joined    map[int64]*joining
	casePosts db.InsertCasePostsParams
	keys      db.InsertCaseKeysParams
	likes     likeRows
	events    db.InsertCaseEventsParams
	reviews   db.InsertReviewItemsParams
	notices   db.PutNoticesParams
	edits     []*item
}

// likeRows are pairs of cases that may be one problem.
type likeRows struct {
	cases, others []int64
	likenesses    []float32
}

// oldVerdicts no longer count.
type oldVerdicts struct {
	posts, ids []int64
	stored     []pgtype.Timestamptz
}

func (o *oldVerdicts) add(it *item) {
	o.posts = append(o.posts, it.postID)
	o.ids = append(o.ids, it.verdict)
	o.stored = append(o.stored, stamp(it.storedAt))
}

// caseRow is a case to be opened.
type caseRow struct {
	id         int64
	state      domain.State
	decreeRow  int
	topic      string
	place      domain.Place
	agency     string // who gets it now
	proposed   string // whom the router names
	route      string
	urgent     bool
	restricted bool
	deadline   domain.Deadline
	posts      int
	reason     string
	registered time.Time
	reach      int64
	confidence float64
	source     int64
}

// newCaseRow opens a case: assigned when the router says coordination, else the
// body stays a proposal for whoever moderates.
func newCaseRow(it *item, d domain.Decision, registered time.Time) *caseRow {
	v := &it.j.Verdict
	row := &caseRow{
		state: d.State, decreeRow: v.Row, topic: v.Topic, place: v.Place, proposed: d.AgencyID, route: d.RouteWhy,
		urgent: d.Urgent, restricted: d.Restricted, deadline: d.Deadline, posts: 1, reason: d.Words, registered: registered,
		reach: reach(it), confidence: v.Confidence, source: it.j.Post.SourceID,
	}
	if row.state == "" {
		row.state = domain.Moderation
	}
	if row.state == domain.Coordination {
		row.agency = d.AgencyID
	}
	return row
}

// reach is how many have seen a post, as far as the platform tells.
func reach(it *item) int64 { return max(0, it.j.Post.Views) }

func (w *writes) addCasePost(it *item, caseID int64) {
	w.casePosts.PostIds = append(w.casePosts.PostIds, it.postID)
	w.casePosts.Stored = append(w.casePosts.Stored, stamp(it.storedAt))
	w.casePosts.CaseIds = append(w.casePosts.CaseIds, caseID)
}

func (w *writes) addKey(caseID int64, key string, postID int64, print []byte) {
	w.keys.Keys = append(w.keys.Keys, key)
	w.keys.CaseIds = append(w.keys.CaseIds, caseID)
	w.keys.PostIds = append(w.keys.PostIds, postID)
	w.keys.Prints = append(w.keys.Prints, print)
}

// addEvent notes of a new case what befalls its whole place.
func (w *writes) addEvent(caseID int64, v *domain.Verdict) {
	if v.Event == "" || v.Place.Municipality == "" {
		return
	}
	w.events.CaseIds = append(w.events.CaseIds, caseID)
	w.events.Events = append(w.events.Events, v.Event)
	w.events.Municipalities = append(w.events.Municipalities, v.Place.Municipality)
}

func (w *writes) addLikes(caseID int64, like []domain.Likely) {
	for _, l := range like {
		w.likes.cases = append(w.likes.cases, caseID)
		w.likes.others = append(w.likes.others, l.CaseID)
		w.likes.likenesses = append(w.likes.likenesses, float32(min(1, l.Likeness)))
	}
}

func (w *writes) addEdit(it *item) { w.edits = append(w.edits, it) }

func (w *writes) addReview(it *item, d domain.Decision, caseID int64) {
	r := &w.reviews
	r.PostIds = append(r.PostIds, it.postID)
	r.Stored = append(r.Stored, stamp(it.storedAt))
	r.CaseIds = append(r.CaseIds, caseID)
	r.Reasons = append(r.Reasons, d.Reason)
	r.Words = append(r.Words, clean(d.Words))
	r.Urgents = append(r.Urgents, d.Urgent)
}

func (w *writes) takeBoard(b *board) {
	for _, l := range b.opened {
		w.cases = append(w.cases, l.row)
	}
	w.joined = b.joined
}

// addNotices fills in the case the notices speak of.
func (w *writes) addNotices(it *item, d domain.Decision, caseID int64, region string, now time.Time) {
	for _, n := range d.Notices {
		if n.CaseID == 0 {
			n.CaseID = caseID
		}
		n.Key = noticeKey(n.Key, caseID, it)
		if n.Region == "" {
			n.Region = region
		}
		addNotice(&w.notices, n, now)
	}
}

// noticeKey puts the case's id in the place of "case:0", which the router wrote
// because it could not know it; without a case, the post's identity, of a private
// message its number here: its identity holds the chat.
func noticeKey(key string, caseID int64, it *item) string {
	name := it.id.String()
	if it.id.Private() {
		name = strconv.FormatInt(it.postID, 10)
	}
	parts := strings.Split(key, ":")
	for i := 1; i < len(parts); i++ {
		if parts[i-1] != "case" || parts[i] != "0" {
			continue
		}
		if caseID != 0 {
			parts[i] = strconv.FormatInt(caseID, 10)
		} else {
			parts[i-1], parts[i] = "post", name
		}
	}
	return strings.Join(parts, ":")
}

func addNotice(p *db.PutNoticesParams, n domain.Notice, now time.Time) {
	p.Keys = append(p.Keys, n.Key)
	p.Kinds = append(p.Kinds, string(n.Kind))
	p.Regions = append(p.Regions, n.Region)
	p.CaseIds = append(p.CaseIds, n.CaseID)
	p.Roles = append(p.Roles, n.ToRole)
	p.Agencies = append(p.Agencies, n.ToAgency)
	p.Texts = append(p.Texts, clean(n.Text))
	p.Ats = append(p.Ats, stamp(orNow(n.At, now)))
}
