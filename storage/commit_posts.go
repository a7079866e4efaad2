package storage

import (
	"math"

	"github.com/otklik/otklik/domain"
)

// addPost adds what the fate of a post asks for: a new row, a rewritten one
// with the old text kept as a version, or nothing.
func (w *writes) addPost(it *item) error {
	var err error
	switch it.fate {
	case fateSame:
		return nil
	case fateNew:
		err = w.addNew(it)
	case fateChanged:
		err = w.addRewrite(it)
	case fateJudge:
		w.settled = append(w.settled, it.postID)
	}
	if it.j.Pending && it.j.Post.Album != "" {
		if w.albums == nil {
			w.albums = map[string]bool{}
		}
		w.albums[it.j.Post.Album] = true
	}
	return err
}

// postColumns are the columns that both ways of writing a post share.
type postColumns struct {
	attachments, refs, faults []byte
}

func columnsOf(p *domain.Post) (c postColumns, err error) {
	if c.attachments, err = listJSON("attachments", p.Attachments); err != nil {
		return c, err
	}
	if c.faults, err = listJSON("faults", p.Faults); err != nil {
		return c, err
	}
	c.refs, err = refsJSON(p)
	return c, err
}

// refs are the posts a post points at.
type refs struct {
	Origin  *domain.PostID `json:"origin,omitempty"`
	Thread  *domain.PostID `json:"thread,omitempty"`
	ReplyTo *domain.PostID `json:"reply_to,omitempty"`
}

func refsJSON(p *domain.Post) ([]byte, error) {
	r := refs{Origin: notZero(p.Origin), Thread: notZero(p.Thread), ReplyTo: notZero(p.ReplyTo)}
	if r == (refs{}) {
		return nil, nil
	}
	return toJSON("references", r)
}

func notZero(id domain.PostID) *domain.PostID {
	if id.IsZero() {
		return nil
	}
	return &id
}

func (w *writes) addNew(it *item) error {
	p := &it.j.Post
	cols, err := columnsOf(p)
	if err != nil {
		return err
	}
	lat, lon := math.NaN(), math.NaN() // NULL, see the query
	if p.Geo != nil {
		lat, lon = p.Geo.Lat, p.Geo.Lon
	}
	out := &w.posts
	out.Ids = append(out.Ids, it.postID)
	out.Platforms = append(out.Platforms, string(it.id.Platform))
	out.Owners = append(out.Owners, it.id.Owner)
	out.Posts = append(out.Posts, it.id.Post)
	out.CommentIds = append(out.CommentIds, it.id.Comment)
	out.Regions = append(out.Regions, p.Region)
	out.SourceIds = append(out.SourceIds, p.SourceID)
	out.Kinds = append(out.Kinds, string(p.Kind))
	out.AuthorIds = append(out.AuthorIds, p.Author.ID)
	out.AuthorNames = append(out.AuthorNames, p.Author.Name)
	out.AuthorOrgs = append(out.AuthorOrgs, p.Author.Org)
	out.Texts = append(out.Texts, p.Text)
	out.Published = append(out.Published, stamp(p.PublishedAt))
	out.Edited = append(out.Edited, stamp(p.EditedAt))
	out.Urls = append(out.Urls, p.URL)
	out.Attachments = append(out.Attachments, cols.attachments)
	out.Lats = append(out.Lats, lat)
	out.Lons = append(out.Lons, lon)
	out.Refs = append(out.Refs, cols.refs)
	out.Albums = append(out.Albums, p.Album)
	out.Views = append(out.Views, p.Views)
	out.Comments = append(out.Comments, p.Comments)
	out.Homes = append(out.Homes, p.Home)
	out.Raws = append(out.Raws, p.Raw)
	out.Faults = append(out.Faults, cols.faults)
	return nil
}

func (w *writes) addRewrite(it *item) error {
	p := &it.j.Post
	cols, err := columnsOf(p)
	if err != nil {
		return err
	}
	out := &w.rewrites
	out.Ids = append(out.Ids, it.postID)
	out.Stored = append(out.Stored, stamp(it.storedAt))
	out.Texts = append(out.Texts, p.Text)
	out.Edited = append(out.Edited, stamp(p.EditedAt))
	out.Attachments = append(out.Attachments, cols.attachments)
	out.Views = append(out.Views, p.Views)
	out.Comments = append(out.Comments, p.Comments)
	out.Raws = append(out.Raws, p.Raw)
	out.Faults = append(out.Faults, cols.faults)

	w.ids.Ids = append(w.ids.Ids, it.postID)
	w.ids.Hashes = append(w.ids.Hashes, it.hash[:])
	w.ids.Edited = append(w.ids.Edited, stamp(p.EditedAt))
	w.ids.Pending = append(w.ids.Pending, it.j.Pending)
	return nil
}

// addVerdict adds the verdict with what the router made of it. A verdict that
// was there before stays, without its mark.
func (w *writes) addVerdict(it *item, d domain.Decision, region string) error {
	v := &it.j.Verdict
	cols, err := verdictColumnsOf(v)
	if err != nil {
		return err
	}
	if it.verdict != 0 {
		w.replaced.add(it)
	}
	kind := v.Kind
	if kind == "" {
		kind = domain.Other
	}
	out := &w.verdicts
	out.Ids = append(out.Ids, it.postID)
	out.Stored = append(out.Stored, stamp(it.storedAt))
	out.Regions = append(out.Regions, region)
	out.Kinds = append(out.Kinds, string(kind))
	out.Urgents = append(out.Urgents, v.Urgent)
	out.DecreeRows = append(out.DecreeRows, small(v.Row))
	out.Topics = append(out.Topics, v.Topic)
	out.Categories = append(out.Categories, v.Category)
	out.Subcategories = append(out.Subcategories, v.Subcategory)
	out.Confidences = append(out.Confidences, v.Confidence)
	out.Margins = append(out.Margins, v.Margin)
	out.Evidence = append(out.Evidence, cols.evidence)
	out.Alternatives = append(out.Alternatives, cols.alternatives)
	out.Municipalities = append(out.Municipalities, v.Place.Municipality)
	out.Places = append(out.Places, cols.place)
	out.Languages = append(out.Languages, v.Language)
	out.PackHashes = append(out.PackHashes, v.PackHash)
	out.Models = append(out.Models, cols.models)
	out.Reasons = append(out.Reasons, clean(v.Reason))
	out.Fingerprints = append(out.Fingerprints, v.Fingerprint)
	out.Faults = append(out.Faults, cols.faults)
	out.JudgedTexts = append(out.JudgedTexts, it.judged)
	out.Actions = append(out.Actions, string(d.Action))
	out.ActionReasons = append(out.ActionReasons, d.Reason)
	out.ActionWords = append(out.ActionWords, clean(d.Words))
	return nil
}

type verdictColumns struct {
	evidence, alternatives, place, models, faults []byte
}

func verdictColumnsOf(v *domain.Verdict) (c verdictColumns, err error) {
	if c.evidence, err = listJSON("evidence", v.Evidence); err != nil {
		return c, err
	}
	if c.alternatives, err = listJSON("alternatives", v.Alternatives); err != nil {
		return c, err
	}
	if c.models, err = listJSON("models", v.Models); err != nil {
		return c, err
	}
	if c.faults, err = listJSON("faults", v.Faults); err != nil {
		return c, err
	}
	c.place, err = toJSON("place", v.Place)
	return c, err
}
