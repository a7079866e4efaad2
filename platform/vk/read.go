package vk

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/SevereCloud/vksdk/v2/api"
)

// Most a single call may ask for.
const (
	MaxWallCount     = 100
	MaxByID          = 100
	MaxCommentsCount = 100
	MaxThreadItems   = 10
	MaxSearchCount   = 200
	MaxSearchResults = 1000 // newsfeed.search never shows more than the newest thousand
)

// Page is one answer that lists posts or comments. Items are raw: an item of an
// unknown shape is the mapper's business and costs no neighbour.
type Page struct {
	Count    int64             // how many there are in all, as VK says
	Level    int64             // comments: how many there are on this level of the tree
	Items    []json.RawMessage // in VK's order
	Names    Names
	NextFrom string // newsfeed.search: where the next page starts; empty at the end
}

// Names are display names by id: people positive, communities negative.
type Names map[int64]string

// pageAnswer is the common shape of wall.get, wall.getById (extended),
// wall.getComments and newsfeed.search. Counts are raw because a figure of an
// odd type must not cost the items.
type pageAnswer struct {
	Count    json.RawMessage   `json:"count"`
	Level    json.RawMessage   `json:"current_level_count"`
	Items    []json.RawMessage `json:"items"`
	Profiles json.RawMessage   `json:"profiles"`
	Groups   json.RawMessage   `json:"groups"`
	NextFrom json.RawMessage   `json:"next_from"`
}

// UnmarshalJSON accepts both the object of extended answers and the bare list
// wall.getById gives without «extended» in 5.131.
func (p *Page) UnmarshalJSON(raw []byte) error {
	var a pageAnswer
	if err := json.Unmarshal(raw, &a.Items); err != nil {
		if err := json.Unmarshal(raw, &a); err != nil {
			return err
		}
	}
	*p = Page{Count: number(a.Count), Level: number(a.Level), Items: a.Items, Names: names(a.Profiles, a.Groups), NextFrom: text(a.NextFrom)}
	return nil
}

// number reads an integer written as a number or as a string; 0 otherwise.
func number(raw json.RawMessage) int64 {
	n, err := strconv.ParseInt(strings.Trim(string(raw), `"`), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// names collects display names; an entry that cannot be read is left out.
func names(profiles, groups json.RawMessage) Names {
	var people, communities []json.RawMessage
	_ = json.Unmarshal(profiles, &people)    // absent without «extended»
	_ = json.Unmarshal(groups, &communities) // likewise
	out := make(Names, len(people)+len(communities))
	for _, raw := range people {
		var p struct {
			ID    int64  `json:"id"`
			First string `json:"first_name"`
			Last  string `json:"last_name"`
		}
		if json.Unmarshal(raw, &p) == nil && p.ID != 0 {
			out[p.ID] = strings.TrimSpace(p.First + " " + p.Last)
		}
	}
	for _, raw := range communities {
		var g Group
		if json.Unmarshal(raw, &g) == nil && g.ID != 0 {
			out[-g.ID] = g.Name
		}
	}
	return out
}

// WallGet asks for a page of a wall, newest first; a pinned post, however old,
// comes first of all. address is an owner id ("-123") or a screen name.
// Spends the daily quota of wall.get.
func (c *Client) WallGet(ctx context.Context, address string, offset, count int) (Page, error) {
	params := api.Params{"offset": offset, "count": count, "extended": true, "filter": "all"}
	if owner, err := strconv.ParseInt(address, 10, 64); err == nil {
		params["owner_id"] = owner
	} else {
		params["domain"] = address
	}
	var p Page
	return p, c.read(ctx, "wall.get", params, &p)
}

// PostRef names a post of a wall.
type PostRef struct {
	Owner, Post int64
}

// String is the form wall.getById takes.
func (r PostRef) String() string { return fmt.Sprintf("%d_%d", r.Owner, r.Post) }

// WallGetByID asks for at most MaxByID posts. Posts that are gone are absent
// from the answer or marked is_deleted.
func (c *Client) WallGetByID(ctx context.Context, refs []PostRef) (Page, error) {
	list := make([]string, len(refs))
	for i, r := range refs {
		list[i] = r.String()
	}
	params := api.Params{"posts": strings.Join(list, ","), "extended": true, "copy_history_depth": 2}
	var p Page
	return p, c.read(ctx, "wall.getById", params, &p)
}

// CommentsQuery asks for a page of comments, newest first.
type CommentsQuery struct {
	Post   PostRef
	Thread int64 // id of the comment whose thread is wanted; 0: the top level
	Offset int
	Count  int
}

// WallGetComments asks for a page of comments with the first replies of each
// thread. preview_length is sent because older versions cut texts at 90.
func (c *Client) WallGetComments(ctx context.Context, q CommentsQuery) (Page, error) {
	params := api.Params{
		"owner_id": q.Post.Owner, "post_id": q.Post.Post, "offset": q.Offset, "count": q.Count,
		"sort": "desc", "extended": true, "preview_length": 0, "need_likes": false,
	}
	if q.Thread != 0 {
		params["comment_id"] = q.Thread
	} else {
		params["thread_items_count"] = MaxThreadItems
	}
	var p Page
	return p, c.read(ctx, "wall.getComments", params, &p)
}

// Place narrows a search down to the surroundings of a point; the radius is VK's.
type Place struct {
	Lat, Lon float64
}

// SearchQuery is one page of newsfeed.search, newest first.
type SearchQuery struct {
	Words     string
	Place     *Place
	Start     time.Time // zero: VK takes the last 24 hours
	End       time.Time // zero: now
	StartFrom string
	Count     int
}

// NewsfeedSearch looks for posts in all of VK. The answer is some subset of
// what is there, at most the newest thousand. Spends its own daily quota.
func (c *Client) NewsfeedSearch(ctx context.Context, q SearchQuery) (Page, error) {
	params := api.Params{"q": q.Words, "count": q.Count, "extended": true}
	if !q.Start.IsZero() {
		params["start_time"] = q.Start.Unix()
	}
	if !q.End.IsZero() {
		params["end_time"] = q.End.Unix()
	}
	if q.StartFrom != "" {
		params["start_from"] = q.StartFrom
	}
	if q.Place != nil {
		params["latitude"], params["longitude"] = q.Place.Lat, q.Place.Lon
	}
	var p Page
	return p, c.read(ctx, "newsfeed.search", params, &p)
}

// Group is a community as its page shows it.
type Group struct {
	ID          int64  `json:"id"`
	Name        string `json:"name"`
	ScreenName  string `json:"screen_name"`
	Deactivated string `json:"deactivated"` // "deleted" or "banned"
}

// groupsAnswer accepts the list of 5.131 and the object of 5.199.
type groupsAnswer []Group

// UnmarshalJSON implements json.Unmarshaler.
func (g *groupsAnswer) UnmarshalJSON(raw []byte) error {
	var list []Group
	if json.Unmarshal(raw, &list) == nil {
		*g = list
		return nil
	}
	var object struct {
		Groups []Group `json:"groups"`
	}
	err := json.Unmarshal(raw, &object)
	*g = object.Groups
	return err
}

// Group asks for a community by its id (without sign) or screen name. A service
// token asks where there is one, else the community's own.
func (c *Client) Group(ctx context.Context, name string) (Group, error) {
	const method = "groups.getById"
	params := api.Params{"group_id": name}
	var list groupsAnswer
	var err error
	if id, parseErr := strconv.ParseInt(name, 10, 64); parseErr == nil && !c.CanRead() {
		err = c.asGroup(ctx, id, method, params, &list)
	} else {
		err = c.read(ctx, method, params, &list)
	}
	if err != nil {
		return Group{}, err
	}
	if len(list) == 0 {
		return Group{}, c.saidFault(method, &api.Error{Code: 125, Message: "no such group"})
	}
	return list[0], nil
}
