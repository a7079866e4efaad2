package vkingest

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/ingest"
	"github.com/otklik/otklik/platform/vk"
)

// ErrNoIdentity means that an item does not say which post it is: nothing can be
// stored of it, and nothing can be answered to.
var ErrNoIdentity = errors.New("item without identity")

// ErrDeleted means that an item is the empty place of a deleted post or comment.
// The post returned with it holds the identity.
var ErrDeleted = errors.New("deleted")

// Frame is what an item does not say of itself.
type Frame struct {
	Source domain.Source
	Owner  int64 // wall, where the item does not name it
	Post   int64 // post, where a comment does not name it
	Names  vk.Names
}

// MapPost turns a post of wall.get, wall.getById, newsfeed.search or
// wall_post_new into a domain.Post. An item of an odd shape becomes a post with
// the fault unknown_shape as long as it has an identity.
func MapPost(raw json.RawMessage, f Frame) (domain.Post, error) {
	var s postShape
	shapeErr := decode(raw, &s)
	return s.post(raw, f, shapeErr)
}

func (s *postShape) post(raw json.RawMessage, f Frame, shapeErr error) (domain.Post, error) {
	owner := s.owner(f.Owner)
	if s.ID == 0 || owner == 0 {
		return domain.Post{}, ErrNoIdentity
	}
	p := f.post(postID(owner, s.ID), domain.WallPost, raw)
	if s.Deleted {
		return p, ErrDeleted
	}
	p.URL = fmt.Sprintf("https://vk.com/wall%d_%d", owner, s.ID)
	p.Author = f.author(firstID(s.SignerID, s.FromID, owner))
	p.Text, p.PublishedAt, p.EditedAt = s.Text, moment(s.Date), moment(s.Edited)
	p.Views, p.Comments = int64(s.Views), int64(s.Comments)
	p.Geo = geoOf(s.Geo)
	words := addFiles(&p, s.Files)
	words.add(addCopies(&p, s.Copies))
	addWords(&p, words)
	finish(&p, raw, shapeErr)
	return p, nil
}

// addCopies tells where a repost comes from: the last of copy_history is the
// first post. What was copied is part of what the author says, so its text
// stands below the author's own.
func addCopies(p *domain.Post, copies []json.RawMessage) (words said) {
	texts := []string{p.Text}
	for _, raw := range copies {
		var c postShape
		if err := decode(raw, &c); err != nil {
			addShapeFault(p, err)
		}
		if owner := c.owner(0); c.ID != 0 && owner != 0 {
			p.Origin = postID(owner, c.ID)
		}
		if c.Text != "" && c.Text != texts[len(texts)-1] {
			texts = append(texts, c.Text)
		}
		words.add(addFiles(p, c.Files))
		if p.Geo == nil {
			p.Geo = geoOf(c.Geo)
		}
	}
	p.Text = strings.TrimPrefix(strings.Join(texts, "\n\n"), "\n\n")
	return words
}

// addWords puts below the text what the attachments say: always the question of
// a poll, and of captions and cards only where there is nothing else to read.
func addWords(p *domain.Post, words said) {
	lines := words.polls
	if p.Text == "" && len(lines) == 0 {
		lines = words.titles
	}
	for _, l := range lines {
		if p.Text != "" {
			p.Text += "\n\n"
		}
		p.Text += l
	}
}

// MapComment turns a comment of wall.getComments or of a wall_reply event into
// a domain.Post. The empty place of a deleted comment gives ErrDeleted.
func MapComment(raw json.RawMessage, f Frame) (domain.Post, error) {
	var s commentShape
	shapeErr := decode(raw, &s)
	return s.post(raw, f, shapeErr)
}

func (s *commentShape) post(raw json.RawMessage, f Frame, shapeErr error) (domain.Post, error) {
	owner, post := firstID(s.PostOwnerID, s.OwnerID, f.Owner), firstID(s.PostID, f.Post)
	if s.ID == 0 || owner == 0 || post == 0 {
		return domain.Post{}, ErrNoIdentity
	}
	p := f.post(commentID(owner, post, s.ID), domain.Comment, raw)
	p.Thread = p.ID.Root()
	if s.Deleted {
		return p, ErrDeleted
	}
	p.URL = fmt.Sprintf("https://vk.com/wall%d_%d?reply=%d", owner, post, s.ID)
	if len(s.Parents) > 0 {
		p.URL += fmt.Sprintf("&thread=%d", s.Parents[0])
		p.ReplyTo = commentID(owner, post, s.Parents[len(s.Parents)-1])
	}
	if s.ReplyTo != 0 {
		p.ReplyTo = commentID(owner, post, s.ReplyTo)
	}
	p.Author = f.author(s.FromID)
	p.Text, p.PublishedAt = s.Text, moment(s.Date)
	addWords(&p, addFiles(&p, s.Files))
	finish(&p, withoutThread(raw), shapeErr)
	return p, nil
}

// withoutThread drops the replies from a comment's raw data: each is an item of
// its own.
func withoutThread(raw json.RawMessage) json.RawMessage {
	var fields map[string]json.RawMessage
	if json.Unmarshal(raw, &fields) != nil || fields["thread"] == nil {
		return raw
	}
	delete(fields, "thread")
	short, err := json.Marshal(fields)
	if err != nil {
		return raw
	}
	return short
}

// post begins a post with what the source knows.
func (f Frame) post(id domain.PostID, kind domain.PostKind, raw json.RawMessage) domain.Post {
	return domain.Post{
		ID: id, Kind: kind, Region: f.Source.Region, SourceID: f.Source.ID, Home: f.Source.Home, Raw: raw,
	}
}

// author names who wrote; a negative id is a community speaking.
func (f Frame) author(id int64) domain.Author {
	if id == 0 {
		return domain.Author{}
	}
	return domain.Author{ID: strconv.FormatInt(id, 10), Name: f.Names[id], Org: id < 0}
}

func addFiles(p *domain.Post, raw json.RawMessage) said {
	files, words, ok := attachments(raw)
	if !ok {
		addShapeFault(p, errors.New("attachments are no list"))
	}
	p.Attachments = append(p.Attachments, files...)
	return words
}

// finish names what was odd and makes the post storable.
func finish(p *domain.Post, raw json.RawMessage, shapeErr error) {
	p.Raw = raw
	if shapeErr != nil {
		addShapeFault(p, shapeErr)
	}
	if p.PublishedAt.IsZero() {
		addShapeFault(p, errors.New("no date"))
	}
	if !utf8.Valid(raw) { // decoding has already put U+FFFD in place of it
		p.Faults = append(p.Faults, domain.Fault{Code: domain.FaultInvalidUTF8})
	}
	ingest.Sanitize(p)
}

// addShapeFault keeps the first oddity; one is enough for a person to look.
func addShapeFault(p *domain.Post, err error) {
	for _, f := range p.Faults {
		if f.Code == domain.FaultUnknownShape {
			return
		}
	}
	detail := err.Error()
	if len(detail) > 200 {
		detail = strings.ToValidUTF8(detail[:200], "")
	}
	p.Faults = append(p.Faults, domain.Fault{Code: domain.FaultUnknownShape, Detail: detail})
}

func postID(owner, post int64) domain.PostID {
	return domain.NewPostID(domain.VK, strconv.FormatInt(owner, 10), strconv.FormatInt(post, 10))
}

// dialogID names what was said or happened in a conversation with a community.
func dialogID(owner, peer int64, message string) domain.PostID {
	return domain.NewPrivateID(domain.VK, strconv.FormatInt(owner, 10), strconv.FormatInt(peer, 10), message)
}

func commentID(owner, post, comment int64) domain.PostID {
	id := postID(owner, post)
	id.Comment = strconv.FormatInt(comment, 10)
	return id
}

// moment turns VK's seconds into UTC; 0 and less are no time.
func moment(unix int64) time.Time {
	if unix <= 0 {
		return time.Time{}
	}
	return time.Unix(unix, 0).UTC()
}

func firstID(ids ...int64) int64 {
	for _, id := range ids {
		if id != 0 {
			return id
		}
	}
	return 0
}
