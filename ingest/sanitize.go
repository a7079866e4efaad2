package ingest

import (
	"bytes"
	"fmt"
	"math"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/otklik/otklik/domain"
)

// Limits of what is taken from a platform. The longest text any platform allows
// is 16,384 characters, so whatever exceeds these is an attack or a fault.
const (
	// MaxTextBytes keeps the search vector of a text under PostgreSQL's 1 MiB
	// even when every word differs (a short word costs half as much again there).
	MaxTextBytes = 512 << 10
	// MaxRawBytes is the longest platform JSON or HTML kept of a post.
	MaxRawBytes = 256 << 10
	// MaxNameBytes bounds names, links and other short strings.
	MaxNameBytes = 4 << 10
	// MaxAttachments bounds the list of attachments (VK and Telegram stop at 10).
	MaxAttachments = 64
	// MaxMarks is how many combining marks may follow one letter; decomposed
	// Russian needs one, the hungriest living script four.
	MaxMarks = 8
)

// Years outside of these can be neither published nor stored as JSON.
const (
	firstYear = 1990
	lastYear  = 2200
)

// Sanitize makes a post storable, in place: texts become valid UTF-8 without NUL,
// which becomes a space, of bounded length, without piles of combining marks; absurd times, coordinates
// and raw data are dropped. Every mend of the text, the raw data or the time is
// named in p.Faults, so that a person looks at the post. It is idempotent.
func Sanitize(p *domain.Post) {
	text, codes := cleanText(p.Text)
	p.Text = text
	for _, c := range codes {
		addFault(p, c.Code, c.Detail)
	}
	sanitizeNames(p)
	sanitizeTimes(p)
	sanitizeRaw(p)
	if p.Geo != nil && !validGeo(*p.Geo) {
		p.Geo = nil
	}
}

// cleanText mends a text and says what was wrong with it.
func cleanText(s string) (string, []domain.Fault) {
	var faults []domain.Fault
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\uFFFD")
		faults = append(faults, domain.Fault{Code: domain.FaultInvalidUTF8})
	}
	if n := strings.Count(s, "\x00"); n > 0 {
		s = strings.ReplaceAll(s, "\x00", " ") // it parts words; a space keeps where the others stand
		faults = append(faults, domain.Fault{Code: domain.FaultNUL, Detail: fmt.Sprintf("%d made spaces", n)})
	}
	if t, n := thinMarks(s); n > 0 {
		s = t
		faults = append(faults, domain.Fault{Code: domain.FaultCombining, Detail: fmt.Sprintf("%d marks removed", n)})
	}
	if len(s) > MaxTextBytes {
		faults = append(faults, domain.Fault{Code: domain.FaultTooLong, Detail: fmt.Sprintf("%d bytes cut to %d", len(s), MaxTextBytes)})
		s = cut(s, MaxTextBytes)
	}
	return s, faults
}

// thinMarks drops the combining marks beyond MaxMarks in a row and counts them.
func thinMarks(s string) (string, int) {
	run, dropped := 0, 0
	keep := func(r rune) rune {
		if r < 0x300 || !unicode.In(r, unicode.Mn, unicode.Me) {
			run = 0
			return r
		}
		if run++; run > MaxMarks {
			dropped++
			return -1
		}
		return r
	}
	return strings.Map(keep, s), dropped
}

// cut shortens s to at most n bytes without splitting a character.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// short mends a name or a link; what was wrong with it is of no interest.
func short(s string) string {
	if len(s) > MaxNameBytes {
		s = cut(s, MaxNameBytes)
	}
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", " ")
	s, _ = thinMarks(s)
	return s
}

func sanitizeNames(p *domain.Post) {
	for _, s := range []*string{&p.Author.ID, &p.Author.Name, &p.URL, &p.Album, &p.Home} {
		*s = short(*s)
	}
	for _, id := range []*domain.PostID{&p.ID, &p.Origin, &p.Thread, &p.ReplyTo} {
		id.Owner, id.Post, id.Comment = short(id.Owner), short(id.Post), short(id.Comment)
	}
	if len(p.Attachments) > MaxAttachments {
		addFault(p, domain.FaultTooLong, fmt.Sprintf("%d attachments cut to %d", len(p.Attachments), MaxAttachments))
		p.Attachments = p.Attachments[:MaxAttachments]
	}
	for i := range p.Attachments {
		a := &p.Attachments[i]
		a.Type, a.URL, a.Name = short(a.Type), short(a.URL), short(a.Name)
	}
}

func sanitizeTimes(p *domain.Post) {
	if !p.PublishedAt.IsZero() && !validTime(p.PublishedAt) {
		p.PublishedAt = time.Time{}
		addFault(p, domain.FaultUnknownShape, "time of publication out of range")
	}
	if !p.EditedAt.IsZero() && !validTime(p.EditedAt) {
		p.EditedAt = time.Time{}
		addFault(p, domain.FaultUnknownShape, "time of edit out of range")
	}
}

func validTime(t time.Time) bool { return t.Year() >= firstYear && t.Year() <= lastYear }

// sanitizeRaw keeps raw data storable both as text and as JSON: half of a JSON
// value is of no use, so what is too long is dropped as a whole.
func sanitizeRaw(p *domain.Post) {
	if len(p.Raw) > MaxRawBytes {
		addFault(p, domain.FaultTooLong, fmt.Sprintf("raw data of %d bytes dropped", len(p.Raw)))
		p.Raw = nil
		return
	}
	if !utf8.Valid(p.Raw) {
		p.Raw = bytes.ToValidUTF8(p.Raw, []byte("\uFFFD"))
		addFault(p, domain.FaultInvalidUTF8, "")
	}
	p.Raw = bytes.ReplaceAll(p.Raw, []byte{0}, nil)
	p.Raw = bytes.ReplaceAll(p.Raw, []byte(`\u0000`), []byte(`\ufffd`))
	if len(p.Raw) > MaxRawBytes { // mending may have lengthened it
		p.Raw = nil
	}
}

func validGeo(g domain.Geo) bool {
	finite := func(f, limit float64) bool { return !math.IsNaN(f) && math.Abs(f) <= limit }
	return finite(g.Lat, 90) && finite(g.Lon, 180)
}

// addFault names a fault once.
func addFault(p *domain.Post, code domain.FaultCode, detail string) {
	for _, f := range p.Faults {
		if f.Code == code && (f.Detail == detail || detail == "") {
			return
		}
	}
	p.Faults = append(p.Faults, domain.Fault{Code: code, Detail: detail})
}
