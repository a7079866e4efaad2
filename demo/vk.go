package demo

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"strconv"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/platform/vk/vkfake"
)

// vkWorld writes a feed's records to the fake VK.
type vkWorld struct {
	fake  *vkfake.Server
	count map[int64]int64 // records by wall
}

// next is the number of a wall's next record.
func (w vkWorld) next(owner int64) int64 {
	w.count[owner]++
	return w.count[owner] * ownRoom
}

func (w vkWorld) post(s Source, r Record, at time.Time) (domain.PostID, error) {
	p, err := w.build(s, r, at)
	if err != nil {
		return domain.PostID{}, err
	}
	return w.fake.AddPost(p), nil
}

func (w vkWorld) build(s Source, r Record, at time.Time) (vkfake.Post, error) {
	owner, err := strconv.ParseInt(s.Address, 10, 64)
	if err != nil {
		return vkfake.Post{}, fmt.Errorf("source %s: address of a wall: %w", s.Key, err)
	}
	p := vkfake.Post{Owner: owner, ID: w.next(owner), Date: at, Text: r.Text, Attachments: attachments(r), From: author(r)}
	if len(r.Geo) == 2 {
		p.Geo = &domain.Geo{Lat: r.Geo[0], Lon: r.Geo[1]}
	}
	return p, nil
}

func (w vkWorld) comment(s Source, under, replyTo domain.PostID, r Record, at time.Time) (domain.PostID, error) {
	owner, post, _, err := vkNumbers(under)
	if err != nil {
		return domain.PostID{}, err
	}
	c := vkfake.Comment{Owner: owner, Post: post, ID: w.next(owner), From: author(r), Date: at, Text: r.Text, Attachments: attachments(r)}
	if !replyTo.IsZero() {
		if _, _, c.ReplyTo, err = vkNumbers(replyTo); err != nil {
			return domain.PostID{}, err
		}
	}
	return w.fake.AddComment(c)
}

func (w vkWorld) repost(s Source, origin domain.PostID, copied string, r Record, at time.Time) (domain.PostID, error) {
	p, err := w.build(s, r, at)
	if err != nil {
		return domain.PostID{}, err
	}
	if origin.Platform != domain.VK {
		// VK cannot repost from elsewhere: people paste the text.
		p.Text = copied
		return w.fake.AddPost(p), nil
	}
	owner, post, _, err := vkNumbers(origin)
	if err != nil {
		return domain.PostID{}, err
	}
	p.Copy = []vkfake.Post{{Owner: owner, ID: post, From: owner, Date: at.Add(-time.Hour), Text: copied}}
	return w.fake.AddPost(p), nil
}

// answer puts back what an account of ours, or a visitor, wrote in an earlier life.
func (w vkWorld) answer(a domain.Post) error {
	owner, post, id, err := vkNumbers(a.ID)
	if err != nil {
		return err
	}
	from, err := strconv.ParseInt(a.Author.ID, 10, 64)
	if err != nil {
		return fmt.Errorf("author %q: %w", a.Author.ID, err)
	}
	if id == 0 {
		w.fake.AddPost(vkfake.Post{Owner: owner, ID: post, From: from, Date: a.PublishedAt, Text: a.Text})
		return nil
	}
	c := vkfake.Comment{Owner: owner, Post: post, ID: id, From: from, Date: a.PublishedAt, Text: a.Text}
	if !a.ReplyTo.IsZero() {
		if _, _, c.ReplyTo, err = vkNumbers(a.ReplyTo); err != nil {
			return err
		}
	}
	_, err = w.fake.AddComment(c)
	return err
}

func (w vkWorld) edit(id domain.PostID, text string) error {
	owner, post, comment, err := vkNumbers(id)
	if err != nil {
		return err
	}
	if comment != 0 {
		return w.fake.EditComment(owner, post, comment, text)
	}
	return w.fake.EditPost(owner, post, text)
}

func (w vkWorld) remove(id domain.PostID) error {
	owner, post, comment, err := vkNumbers(id)
	if err != nil {
		return err
	}
	if comment != 0 {
		return w.fake.DeleteComment(owner, post, comment)
	}
	return w.fake.DeletePost(owner, post)
}

func vkNumbers(id domain.PostID) (owner, post, comment int64, err error) {
	for _, part := range []struct {
		text string
		to   *int64
	}{{id.Owner, &owner}, {id.Post, &post}, {id.Comment, &comment}} {
		if *part.to, err = strconv.ParseInt(part.text, 10, 64); err != nil {
			return 0, 0, 0, fmt.Errorf("identity %s: %w", id, err)
		}
	}
	return owner, post, comment, nil
}

// author makes a stable positive number of an invented name; a community's
// post has none and the wall's owner signs.
func author(r Record) int64 {
	if r.Author == "" || r.AuthorOrg {
		return 0
	}
	h := fnv.New32a()
	_, _ = h.Write([]byte(r.Author)) // cannot fail
	return 1 + int64(h.Sum32()%900_000_000)
}

func attachments(r Record) []json.RawMessage {
	var out []json.RawMessage
	for i, kind := range r.Attachments {
		// Numbers only: the fake serves no files, and nobody fetches them.
		out = append(out, json.RawMessage(fmt.Sprintf(`{"type":%q,%q:{"id":%d,"owner_id":1}}`, kind, kind, i+1)))
	}
	return out
}
