package tgingest

import (
	"bytes"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/otklik/otklik/domain"
)

// post maps a message of the page. An album is one message there, and has the
// identity of its first member.
func (m *message) post(owner string) domain.Post {
	p := domain.Post{
		ID:          domain.NewPostID(domain.Telegram, owner, strconv.FormatInt(m.ids[0], 10)),
		Kind:        domain.WallPost,
		Author:      domain.Author{ID: owner, Name: m.author(), Org: true},
		Text:        m.text(),
		PublishedAt: m.date(),
		URL:         "https://t.me/" + m.name + "/" + strconv.FormatInt(m.ids[0], 10),
		Geo:         m.geo(),
		Origin:      m.linked("tgme_widget_message_forwarded_from_name", owner),
		ReplyTo:     m.linked("tgme_widget_message_reply", owner),
		Views:       m.views(),
	}
	p.Attachments = m.attachments(p.Text == "")
	p.Raw = m.raw()
	return p
}

// author is the channel's name with the signature of who wrote for it.
func (m *message) author() string {
	return signed(textOf(first(m.node, "tgme_widget_message_owner_name")), textOf(first(m.node, "tgme_widget_message_from_author")))
}

// edited reports the «edited» label; the page does not say when.
func (m *message) edited() bool {
	meta := first(m.node, "tgme_widget_message_meta")
	if meta == nil {
		return false
	}
	for c := meta.FirstChild; c != nil; c = c.NextSibling {
		if c.Type == html.TextNode && strings.Contains(c.Data, "edited") {
			return true
		}
	}
	return false
}

// bodies are the text blocks of the message itself: not of the message it
// answers, and of a nested pair (albums have one) only the outer.
func (m *message) bodies() []*html.Node {
	const class = "tgme_widget_message_text"
	var list []*html.Node
	for n := range withClass(m.node, class) {
		if !inside(n, m.node, "tgme_widget_message_reply") && !inside(n, m.node, class) {
			list = append(list, n)
		}
	}
	return list
}

func (m *message) text() string {
	var parts []string
	for _, n := range m.bodies() {
		if s := textOf(n); s != "" {
			parts = append(parts, s)
		}
	}
	if len(parts) == 0 {
		if s := m.poll(); s != "" {
			return s
		}
	}
	return strings.Join(parts, "\n")
}

func (m *message) poll() string {
	q := first(m.node, "tgme_widget_message_poll_question")
	if q == nil {
		return ""
	}
	var options []string
	for o := range withClass(m.node, "tgme_widget_message_poll_option_text") {
		options = append(options, textOf(o))
	}
	return pollText(textOf(q), options)
}

// date is the time of publication. Only the date link holds it: videos and
// voice messages have <time> elements of their own, for their length.
func (m *message) date() time.Time {
	for a := range withClass(m.node, "tgme_widget_message_date") {
		for t := range a.Descendants() {
			if t.DataAtom != atom.Time {
				continue
			}
			if at, err := time.Parse(time.RFC3339, attr(t, "datetime")); err == nil {
				return at.UTC()
			}
		}
	}
	return time.Time{}
}

// views reads "746", "37.2K", "1.1M".
func (m *message) views() int64 {
	s := strings.ReplaceAll(textOf(first(m.node, "tgme_widget_message_views")), "\u00a0", "")
	scale := 1.0
	switch {
	case strings.HasSuffix(s, "K"):
		scale = 1e3
	case strings.HasSuffix(s, "M"):
		scale = 1e6
	case strings.HasSuffix(s, "B"):
		scale = 1e9
	}
	n, err := strconv.ParseFloat(strings.TrimRight(strings.ReplaceAll(s, " ", ""), "KMB"), 64)
	if err != nil || n < 0 || n > 1e12 {
		return 0
	}
	return int64(n*scale + 0.5)
}

// linked reads the message that an element of a class links to. A channel's own
// posts get the owner all its posts have.
func (m *message) linked(class, owner string) domain.PostID {
	name, id, ok := telegramLink(attrOf(first(m.node, class), "href"))
	if !ok {
		return domain.PostID{}
	}
	if name == "@"+strings.ToLower(m.name) {
		name = owner
	}
	return domain.NewPostID(domain.Telegram, name, strconv.FormatInt(id, 10))
}

func attrOf(n *html.Node, key string) string {
	if n == nil {
		return ""
	}
	return attr(n, key)
}

// mediaClasses maps the page's elements onto the Bot API's words.
func mediaClasses() [][2]string {
	return [][2]string{
		{"tgme_widget_message_photo_wrap", "photo"},
		{"tgme_widget_message_video_player", "video"},
		{"tgme_widget_message_roundvideo_player", "video_note"},
		{"tgme_widget_message_voice_player", "voice"},
		{"tgme_widget_message_audio_player", "audio"},
		{"tgme_widget_message_document_wrap", "document"},
		{"tgme_widget_message_sticker_wrap", "sticker"},
		{"tgme_widget_message_poll", "poll"},
		{"tgme_widget_message_location_wrap", "location"},
		{"tgme_widget_message_contact_wrap", "contact"},
		{"tgme_widget_message_game", "game"},
		{"tgme_widget_message_invoice_wrap", "invoice"},
	}
}

// attachments lists media and the links hidden behind words. The card of a
// linked page is not one: Telegram adds it later by itself. A post whose
// content only the app shows («Please open Telegram…») is marked so.
func (m *message) attachments(noText bool) []domain.Attachment {
	var list []domain.Attachment
	for _, c := range mediaClasses() {
		for n := range withClass(m.node, c[0]) {
			if inside(n, m.node, "tgme_widget_message_reply") {
				continue
			}
			list = append(list, domain.Attachment{Type: mediaType(n, c[1]), URL: mediaURL(n), Name: textOf(first(n, "tgme_widget_message_document_title"))})
		}
	}
	if noText && len(list) == 0 && first(m.node, "message_media_not_supported") != nil {
		list = append(list, domain.Attachment{Type: "unsupported"})
	}
	for _, body := range m.bodies() {
		list = append(list, hiddenLinks(body)...)
	}
	return list
}

func mediaType(n *html.Node, word string) string {
	icon := first(n, "tgme_widget_message_document_icon")
	if word == "document" && icon != nil && hasClass(icon, "audio") {
		return "audio"
	}
	return word
}

var cssURL = regexp.MustCompile(`url\(\s*['"]?([^'")]+)['"]?\s*\)`)

// mediaURL is the picture of a medium, or the link to it in Telegram.
func mediaURL(n *html.Node) string {
	if found := cssURL.FindStringSubmatch(attr(n, "style")); found != nil {
		return found[1]
	}
	for d := range n.Descendants() {
		if found := cssURL.FindStringSubmatch(attr(d, "style")); d.DataAtom == atom.I && found != nil {
			return found[1]
		}
	}
	return attr(n, "href")
}

// hiddenLinks are links whose address is not the text shown; hashtags and
// mentions are links too, but hide nothing.
func hiddenLinks(body *html.Node) []domain.Attachment {
	var list []domain.Attachment
	for a := range body.Descendants() {
		href := attr(a, "href")
		if a.DataAtom != atom.A || !strings.HasPrefix(href, "http") && !strings.HasPrefix(href, "tg:") {
			continue // a hashtag's search, a telephone number, an e-mail address
		}
		shown := textOf(a)
		if !strings.HasPrefix(shown, "@") && bareURL(shown) != bareURL(href) {
			list = append(list, domain.Attachment{Type: "link", URL: href, Name: shown})
		}
	}
	return list
}

func bareURL(s string) string {
	s = strings.TrimPrefix(strings.TrimPrefix(s, "https://"), "http://")
	if plain, err := url.PathUnescape(s); err == nil {
		s = plain
	}
	return strings.ToLower(strings.TrimRight(s, "/"))
}

// geo reads the point a location's map link shows: …/maps?q=48.48,135.07&…
func (m *message) geo() *domain.Geo {
	u, err := url.Parse(attrOf(first(m.node, "tgme_widget_message_location_wrap"), "href"))
	if err != nil {
		return nil
	}
	lat, lon, ok := strings.Cut(u.Query().Get("q"), ",")
	la, errLat := strconv.ParseFloat(strings.TrimSpace(lat), 64)
	lo, errLon := strconv.ParseFloat(strings.TrimSpace(lon), 64)
	if !ok || errLat != nil || errLon != nil {
		return nil
	}
	return &domain.Geo{Lat: la, Lon: lo}
}

// raw is the message's HTML without its drawings.
func (m *message) raw() []byte {
	var drawings []*html.Node
	for n := range m.node.Descendants() {
		if n.DataAtom == atom.Svg || hasClass(n, "tgme_widget_message_user") {
			drawings = append(drawings, n)
		}
	}
	for _, n := range drawings {
		if n.Parent != nil {
			n.Parent.RemoveChild(n)
		}
	}
	var b bytes.Buffer
	if html.Render(&b, m.node) != nil {
		return nil
	}
	return b.Bytes()
}
