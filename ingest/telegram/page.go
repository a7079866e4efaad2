package tgingest

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/platform/telegram"
)

// page is one page of a channel's preview, t.me/s/<channel>.
type page struct {
	title string
	owner string     // chat id as the Bot API gives it, or "@name"
	posts []pagePost // oldest first; service messages are not among them
	ids   []int64    // every message id the page shows, album members and service messages too
	prev  int64      // ?before= of the page with older posts; 0 = none
}

// pagePost is a post as a page shows it.
type pagePost struct {
	domain.Post
	edited bool  // it has the «edited» label; when it was edited is not told
	last   int64 // of an album: the id of its last member; 0 otherwise
}

// published is the date in unix seconds; 0 for none.
func (p *pagePost) published() int64 {
	if p.PublishedAt.IsZero() {
		return 0
	}
	return p.PublishedAt.Unix()
}

// low and high are the bounds of the ids shown; 0, 0 for an empty page.
func (p *page) low() int64 {
	if len(p.ids) == 0 {
		return 0
	}
	low := p.ids[0]
	for _, id := range p.ids {
		low = min(low, id)
	}
	return low
}

func (p *page) high() (high int64) {
	for _, id := range p.ids {
		high = max(high, id)
	}
	return high
}

// parsePage reads a page. A page without a list is an error that says which of
// the pages without a list it is: a channel with the preview off, a group, a
// bot, a name nobody has. A list without posts is no error.
func parsePage(body []byte) (*page, error) {
	if !bytes.Contains(body[max(0, len(body)-1024):], []byte("</html>")) {
		return nil, telegram.PreviewError(200, domain.RetryLater, "страница t.me пришла не целиком", errors.New("page is cut"))
	}
	root, err := html.Parse(bytes.NewReader(body))
	if err != nil {
		return nil, telegram.PreviewError(200, domain.RetryLater, "страница t.me не читается", err)
	}
	if first(root, "tgme_channel_history") == nil {
		return nil, noList(root)
	}
	return readList(root), nil
}

// readList takes all messages of a document.
func readList(root *html.Node) *page {
	p := &page{title: textOf(first(root, "tgme_channel_info_header_title")), prev: prevOf(root)}
	var messages []*message
	for n := range withClass(root, "tgme_widget_message") {
		m, ok := newMessage(n)
		if !ok {
			continue
		}
		messages = append(messages, m)
		p.ids = append(p.ids, m.ids...)
		if p.owner == "" || (m.chat != "" && p.owner[0] == '@') {
			p.owner = m.owner()
		}
	}
	for _, m := range messages {
		if !m.service {
			p.posts = append(p.posts, pagePost{Post: m.post(p.owner), edited: m.edited(), last: m.last()})
		}
	}
	return p
}

// prevOf finds the way to older posts, which the page gives twice.
func prevOf(root *html.Node) int64 {
	for n := range withClass(root, "tme_messages_more") {
		if id, err := strconv.ParseInt(attr(n, "data-before"), 10, 64); err == nil {
			return id
		}
	}
	for n := range root.Descendants() {
		if n.DataAtom != atom.Link || attr(n, "rel") != "prev" {
			continue
		}
		if u, err := url.Parse(attr(n, "href")); err == nil {
			id, _ := strconv.ParseInt(u.Query().Get("before"), 10, 64)
			return id
		}
	}
	return 0
}

// noList tells the pages without a list apart.
func noList(root *html.Node) error {
	if first(root, "tgme_page") == nil {
		return telegram.PreviewError(200, domain.RetryLater,
			"страница t.me не похожа на ленту канала: изменилась разметка или мешает прокси", errors.New("no list and no landing page"))
	}
	extra := textOf(first(root, "tgme_page_extra"))
	words := "у канала нет открытой ленты: предпросмотр выключен или копирование запрещено"
	switch {
	case first(root, "tgme_page_title") == nil:
		words = "канал не найден: проверьте имя"
	case strings.Contains(extra, "member"):
		words = "это чат, а не канал: его можно читать только ботом-участником"
	case !strings.Contains(extra, "subscriber"):
		words = "это не канал: у людей и ботов нет ленты"
	}
	return telegram.PreviewError(200, domain.CloseSource, words, errors.New("landing page instead of a list"))
}

// message is one .tgme_widget_message of a page.
type message struct {
	node    *html.Node
	name    string  // channel name as the page writes it
	chat    string  // chat id from data-view, or ""
	ids     []int64 // first id first, then the other members of an album
	service bool
}

// newMessage reads what identifies a message: data-post="name/123".
func newMessage(n *html.Node) (*message, bool) {
	name, num, ok := strings.Cut(attr(n, "data-post"), "/")
	id, err := strconv.ParseInt(num, 10, 64)
	if !ok || err != nil || id <= 0 || name == "" {
		return nil, false
	}
	m := &message{node: n, name: name, ids: []int64{id}, service: hasClass(n, "service_message")}
	m.chat = viewChat(attr(n, "data-view"))
	for g := range withClass(n, "grouped_media_wrap") {
		if _, member, ok := telegramLink(attr(g, "href")); ok && member != id {
			m.ids = append(m.ids, member)
		}
	}
	return m, true
}

// last is the id of an album's last member; 0 for a message alone.
func (m *message) last() int64 {
	if len(m.ids) == 1 {
		return 0
	}
	return slices.Max(m.ids)
}

func (m *message) owner() string {
	if m.chat != "" {
		return m.chat
	}
	return "@" + strings.ToLower(m.name)
}

// viewChat reads the channel's id out of data-view, base64 of
// {"c":-<inner id>,"p":<message id>,…}; for an album p is a string, so only c
// is read.
func viewChat(view string) string {
	view = strings.TrimRight(view, "=")
	raw, err := base64.RawStdEncoding.DecodeString(view)
	if err != nil {
		raw, err = base64.RawURLEncoding.DecodeString(view)
	}
	var v struct {
		C int64 `json:"c"`
	}
	if err != nil || json.Unmarshal(raw, &v) != nil || v.C == 0 {
		return ""
	}
	inner := max(v.C, -v.C)
	return strconv.FormatInt(telegram.ChannelChatID(inner), 10)
}

// telegramLink reads https://t.me/<name>/<id> or https://t.me/c/<inner>/<id>;
// the owner is as in PostID, "@name" or a chat id.
func telegramLink(href string) (owner string, id int64, ok bool) {
	u, err := url.Parse(href)
	if err != nil || (u.Host != "t.me" && u.Host != "telegram.me") {
		return "", 0, false
	}
	parts := strings.Split(strings.Trim(u.Path, "/"), "/")
	if len(parts) == 3 && parts[0] == "c" {
		inner, err := strconv.ParseInt(parts[1], 10, 64)
		if err != nil {
			return "", 0, false
		}
		parts = []string{fmt.Sprint(telegram.ChannelChatID(inner)), parts[2]}
	} else if len(parts) == 2 {
		parts[0] = "@" + strings.ToLower(parts[0])
	}
	if len(parts) != 2 {
		return "", 0, false
	}
	id, err = strconv.ParseInt(parts[1], 10, 64)
	return parts[0], id, err == nil && id > 0
}
