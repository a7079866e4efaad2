package maxingest

import (
	"encoding/json"
	"strings"
	"unicode/utf16"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/platform/max"
)

// bodies are the parts of a message that a reader sees: its own and the one it
// forwards.
func (d *decoded) bodies() []*max.Body {
	var list []*max.Body
	if d.Body != nil {
		list = append(list, d.Body)
	}
	if d.Link != nil && d.Link.Type == max.LinkForward {
		list = append(list, &d.Link.Message)
	}
	return list
}

// text is the author's own words and those forwarded; a voice message that MAX
// has written down speaks where there is nothing else.
func (d *decoded) text() string {
	var words, spoken []string
	for _, b := range d.bodies() {
		if b.Text != "" {
			words = append(words, b.Text)
		}
		for _, a := range attachmentsOf(b) {
			if a.Transcription != "" {
				spoken = append(spoken, a.Transcription)
			}
		}
	}
	if len(words) == 0 {
		words = spoken
	}
	return strings.Join(words, "\n")
}

// attachment is as much of an attachment as concerns us. A shared contact's name
// and number are nobody's business here.
type attachment struct {
	Type    string `json:"type"`
	Payload struct {
		URL string `json:"url"`
	} `json:"payload"`
	Filename      string   `json:"filename"`
	Title         string   `json:"title"`
	Transcription string   `json:"transcription"`
	Latitude      *float64 `json:"latitude"`
	Longitude     *float64 `json:"longitude"`
}

// keyboard is the one attachment that nobody attached: a bot's buttons.
const keyboard = "inline_keyboard"

func attachmentsOf(b *max.Body) []attachment {
	var list []attachment
	for _, raw := range b.Attachments {
		var a attachment
		if json.Unmarshal(raw, &a) != nil { // a field that does not fit: the kind is enough
			var kind struct {
				Type string `json:"type"`
			}
			_ = json.Unmarshal(raw, &kind) // nothing is nothing
			a = attachment{Type: kind.Type}
		}
		if a.Type == "" {
			a.Type = "unknown"
		}
		if a.Type != keyboard {
			list = append(list, a)
		}
	}
	return list
}

func (d *decoded) attachments() []domain.Attachment {
	var list []domain.Attachment
	for _, b := range d.bodies() {
		for _, a := range attachmentsOf(b) {
			out := domain.Attachment{Type: a.Type, URL: a.Payload.URL, Name: a.Filename}
			switch a.Type {
			case "share":
				out.Name = a.Title
			case "contact":
				out = domain.Attachment{Type: a.Type}
			}
			list = append(list, out)
		}
		list = append(list, links(b)...)
	}
	return list
}

// links are the addresses hidden behind words.
func links(b *max.Body) []domain.Attachment {
	var list []domain.Attachment
	for _, m := range b.Markup {
		if m.Type == "link" && m.URL != "" {
			list = append(list, domain.Attachment{Type: "link", URL: m.URL, Name: utf16Part(b.Text, m.From, m.Length)})
		}
	}
	return list
}

// utf16Part cuts a part out of a text by UTF-16 units. Offsets outside the text
// give what lies inside it.
func utf16Part(s string, offset, length int) string {
	units := utf16.Encode([]rune(s))
	from := min(max0(offset), len(units))
	to := min(from+max0(length), len(units))
	return string(utf16.Decode(units[from:to]))
}

func max0(n int) int {
	if n < 0 || n > 1<<20 {
		return 0
	}
	return n
}

func (d *decoded) geo() *domain.Geo {
	for _, b := range d.bodies() {
		for _, a := range attachmentsOf(b) {
			if a.Type == "location" && a.Latitude != nil && a.Longitude != nil {
				return &domain.Geo{Lat: *a.Latitude, Lon: *a.Longitude}
			}
		}
	}
	return nil
}
