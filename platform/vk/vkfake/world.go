package vkfake

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/otklik/otklik/domain"
)

// Post is a post of a wall. Owner is negative for a community's wall.
type Post struct {
	Owner       int64
	ID          int64     // 0: the wall's next
	From        int64     // 0: the owner
	Signer      int64     // who offered the post, when the community names them
	Date        time.Time // zero: now; later: appears then
	Text        string
	Attachments []json.RawMessage
	Geo         *domain.Geo
	Copy        []Post // copy_history, nearest first
	Views       int64
	Type        string         // post_type; "" is "post"
	Extra       map[string]any // laid over the rendered object: odd shapes; a nil value removes a field
}

// Comment is a comment under a post.
type Comment struct {
	Owner, Post int64
	ID          int64 // 0: the wall's next
	From        int64
	ReplyTo     int64 // comment it answers: it stands in that comment's thread
	Date        time.Time
	Text        string
	Attachments []json.RawMessage
	Extra       map[string]any
}

// Community is a community of the world. Token makes it an own one.
type Community struct {
	ID         int64 // without sign
	Name       string
	ScreenName string
	Token      string
}

type post struct {
	Post
	edited   time.Time
	deleted  bool
	comments []*comment // by (date, id), deleted ones included
}

type comment struct {
	Comment
	root    int64 // id of the top-level comment of the thread; 0 at the top
	edited  time.Time
	deleted bool
}

type wall struct {
	owner  int64
	posts  []*post // by (date, id), deleted ones left out
	byID   map[int64]*post
	pinned int64
	closed int // error code readers get; 0: open
	lastID int64
}

func (s *Server) wall(owner int64) *wall {
	w := s.walls[owner]
	if w == nil {
		w = &wall{owner: owner, byID: map[int64]*post{}}
		s.walls[owner] = w
	}
	return w
}

// next gives an id; like in VK, posts and comments of a wall share one row of numbers.
func (w *wall) next(id int64) int64 {
	if id == 0 {
		id = w.lastID + 1
	}
	w.lastID = max(w.lastID, id)
	return id
}

// SkipTo makes the next number of every wall at least so high: what had one in an
// earlier life of the fake and is forgotten shares it with nobody.
func (s *Server) SkipTo(number int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, w := range s.walls {
		w.lastID = max(w.lastID, number-1)
	}
}

// AddCommunity makes or renames a community and opens its wall.
func (s *Server) AddCommunity(c Community) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.group(c.ID)
	g.Community = c
	if g.Name == "" {
		g.Name = fmt.Sprintf("Сообщество %d", c.ID)
	}
	if g.ScreenName == "" {
		g.ScreenName = fmt.Sprintf("club%d", c.ID)
	}
	s.wall(-c.ID)
}

// AddPost publishes a post and returns its identity.
func (s *Server) AddPost(p Post) domain.PostID {
	s.mu.Lock()
	defer s.mu.Unlock()
	w := s.wall(p.Owner)
	p.ID = w.next(p.ID)
	if p.From == 0 {
		p.From = p.Owner
	}
	if p.Date.IsZero() {
		p.Date = s.clock.Now()
	}
	np := &post{Post: p}
	w.byID[p.ID] = np
	w.insert(np)
	if p.Owner < 0 {
		s.schedule(p.Date, func() { s.emit(-p.Owner, "wall_post_new", overlay(s.renderPost(np), np.Extra), postID(np)) })
	}
	return postID(np)
}

func (w *wall) insert(p *post) {
	at, _ := slices.BinarySearchFunc(w.posts, p, func(a, b *post) int {
		return cmp.Or(a.Date.Compare(b.Date), cmp.Compare(a.ID, b.ID))
	})
	w.posts = slices.Insert(w.posts, at, p)
}

// AddComment writes a comment. The post must exist.
func (s *Server) AddComment(c Comment) (domain.PostID, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	nc, err := s.addComment(c)
	if err != nil {
		return domain.PostID{}, err
	}
	return commentID(nc), nil
}

func (s *Server) addComment(c Comment) (*comment, error) {
	w := s.wall(c.Owner)
	p := w.byID[c.Post]
	if p == nil || p.deleted {
		return nil, fmt.Errorf("no post %d on wall %d", c.Post, c.Owner)
	}
	nc := &comment{Comment: c}
	if c.ReplyTo != 0 {
		to := p.comment(c.ReplyTo)
		if to == nil {
			return nil, fmt.Errorf("no comment %d under post %d", c.ReplyTo, c.Post)
		}
		nc.root = cmp.Or(to.root, to.ID)
	}
	nc.ID = w.next(c.ID)
	if nc.Date.IsZero() {
		nc.Date = s.clock.Now()
	}
	p.comments = append(p.comments, nc)
	slices.SortStableFunc(p.comments, func(a, b *comment) int {
		return cmp.Or(a.Date.Compare(b.Date), cmp.Compare(a.ID, b.ID))
	})
	if c.Owner < 0 {
		s.schedule(nc.Date, func() { s.emit(-c.Owner, "wall_reply_new", s.renderEventComment(nc), commentID(nc)) })
	}
	return nc, nil
}

func (p *post) comment(id int64) *comment {
	for _, c := range p.comments {
		if c.ID == id {
			return c
		}
	}
	return nil
}

func postID(p *post) domain.PostID {
	return domain.NewPostID(domain.VK, strconv.FormatInt(p.Owner, 10), strconv.FormatInt(p.ID, 10))
}

func commentID(c *comment) domain.PostID {
	id := domain.NewPostID(domain.VK, strconv.FormatInt(c.Owner, 10), strconv.FormatInt(c.Post, 10))
	id.Comment = strconv.FormatInt(c.ID, 10)
	return id
}

// visible are the posts the clock has reached, oldest first.
func (w *wall) visible(now time.Time) []*post {
	n, _ := slices.BinarySearchFunc(w.posts, now, func(p *post, t time.Time) int {
		if p.Date.After(t) {
			return 1
		}
		return -1
	})
	return w.posts[:n]
}
