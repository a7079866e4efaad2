package vkingest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/otklik/otklik/domain"
)

// unknownType stands where an attachment does not even say what it is.
const unknownType = "unknown"

// fileShape is the inside of an attachment, whatever its type.
type fileShape struct {
	ID       int64  `json:"id"`
	OwnerID  int64  `json:"owner_id"`
	URL      string `json:"url"`
	ViewURL  string `json:"view_url"`
	MP3      string `json:"link_mp3"`
	Title    string `json:"title"`
	Name     string `json:"name"`
	Question string `json:"question"`
	Text     string `json:"text"`
	Details  string `json:"description"`
	Subtitle string `json:"subtitle"`
	Answers  []struct {
		Text string `json:"text"`
	} `json:"answers"`
	Sizes    []sizeShape `json:"sizes"`
	Original sizeShape   `json:"orig_photo"` // 5.199
}

type sizeShape struct {
	URL    string `json:"url"`
	Width  int64  `json:"width"`
	Height int64  `json:"height"`
}

// oldPhoto are the sizes of versions before 5.77, largest first.
type oldPhoto struct {
	P2560 string `json:"photo_2560"`
	P1280 string `json:"photo_1280"`
	P807  string `json:"photo_807"`
	P604  string `json:"photo_604"`
	P130  string `json:"photo_130"`
}

// attachments reads a list of attachments. Types we do not know are kept by
// their name. ok is false when the list itself cannot be read.
func attachments(raw json.RawMessage) (out []domain.Attachment, words said, ok bool) {
	if len(raw) == 0 || string(raw) == "null" {
		return nil, said{}, true
	}
	var list []json.RawMessage
	if json.Unmarshal(raw, &list) != nil {
		return nil, said{}, false
	}
	for _, item := range list {
		a, w := attachment(item)
		out = append(out, a)
		words.add(w)
	}
	return out, words, true
}

func attachment(raw json.RawMessage) (domain.Attachment, said) {
	var fields map[string]json.RawMessage
	var kind string
	if json.Unmarshal(raw, &fields) != nil || json.Unmarshal(fields["type"], &kind) != nil || kind == "" {
		return domain.Attachment{Type: unknownType}, said{}
	}
	a := domain.Attachment{Type: kind}
	inside := fields[kind]
	var f fileShape
	_ = json.Unmarshal(inside, &f) // what can be read is enough
	a.Name = firstOf(f.Title, f.Name, f.Question, f.Text)
	picture := largest(f, inside)
	if kind == "photo" || kind == "posted_photo" || kind == "sticker" || kind == "graffiti" {
		a.URL = firstOf(picture, f.URL, page(kind, f))
	} else { // the picture beside it is a preview
		a.URL = firstOf(f.URL, f.ViewURL, f.MP3, page(kind, f), picture)
	}
	return a, f.words(kind)
}

// said is what the attachments of a post say in words.
type said struct {
	polls  []string // questions with their answers: part of the post
	titles []string // captions and cards: what is left to read of a post without text
}

// words are what a reader sees of an attachment. Names of files and songs are
// nobody's words.
func (f fileShape) words(kind string) (s said) {
	switch kind {
	case "poll":
		lines := []string{f.Question}
		for _, a := range f.Answers {
			lines = append(lines, "— "+a.Text)
		}
		if f.Question != "" {
			s.polls = append(s.polls, strings.Join(lines, "\n"))
		}
	case "photo", "posted_photo", "video", "link", "article", "page", "note", "market", "event", "podcast", "album":
		for _, w := range []string{f.Title, f.Text, f.Subtitle, f.Details} {
			if w != "" && !slices.Contains(s.titles, w) {
				s.titles = append(s.titles, w)
			}
		}
	}
	return s
}

func (s *said) add(o said) {
	s.polls, s.titles = append(s.polls, o.polls...), append(s.titles, o.titles...)
}

// largest is the link of the biggest picture.
func largest(f fileShape, raw json.RawMessage) string {
	best := f.Original
	for _, s := range f.Sizes {
		if s.URL != "" && s.Width*s.Height >= best.Width*best.Height {
			best = s
		}
	}
	if best.URL != "" {
		return best.URL
	}
	var old oldPhoto
	_ = json.Unmarshal(raw, &old) // absent in newer versions
	return firstOf(old.P2560, old.P1280, old.P807, old.P604, old.P130)
}

// page is the address of an object's own page on vk.com.
func page(kind string, f fileShape) string {
	if f.ID == 0 || f.OwnerID == 0 {
		return ""
	}
	switch kind {
	case "photo", "video", "poll", "album", "audio", "doc", "wall":
		return fmt.Sprintf("https://vk.com/%s%d_%d", kind, f.OwnerID, f.ID)
	case "market":
		return fmt.Sprintf("https://vk.com/product%d_%d", f.OwnerID, f.ID)
	}
	return ""
}

func firstOf(candidates ...string) string {
	for _, c := range candidates {
		if c != "" {
			return c
		}
	}
	return ""
}
