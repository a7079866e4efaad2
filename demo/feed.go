package demo

import (
	"bufio"
	"bytes"
	_ "embed" // the feed is part of the binary
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/tables"
)

// Record is one line of a feed: something that happens on a platform.
type Record struct {
	ID          string    `json:"id"`
	Source      string    `json:"source"` // key of a Source; "" = chosen by turns
	Day         int       `json:"day"`    // 0 is the first day of the feed
	Time        string    `json:"time"`   // local "15:04" of the source's region
	At          time.Time `json:"at"`     // instead of Day and Time; zero = at once
	Type        string    `json:"type"`   // post (default), comment, edit, delete, repost, album
	Of          string    `json:"of"`     // id of the record this one is about
	ReplyTo     string    `json:"reply_to"`
	Author      string    `json:"author"`
	AuthorOrg   bool      `json:"author_org"`
	Text        string    `json:"text"`
	Attachments []string  `json:"attachments"`
	Geo         []float64 `json:"geo"`
	Parts       int       `json:"parts"`
	CaptionPart int       `json:"caption_part"`
	Note        string    `json:"note"`
}

// Source is a wall, channel or group the feed writes to.
type Source struct {
	Key      string          `yaml:"key"`
	Region   string          `yaml:"region"`
	Platform domain.Platform `yaml:"platform"`
	Kind     string          `yaml:"kind"` // vk_wall, telegram_preview, telegram_chat, max_chat
	Address  string          `yaml:"address"`
	Title    string          `yaml:"title"`
	Home     string          `yaml:"home"`
}

// Feed is what the fakes will be told, and where.
type Feed struct {
	Sources []Source
	Records []Record
}

//go:embed feed.jsonl
var builtinFeed []byte

//go:embed sources.yaml
var builtinSources []byte

// Builtin is the feed written for the project.
func Builtin() (Feed, error) {
	var f Feed
	dec := yaml.NewDecoder(bytes.NewReader(builtinSources))
	dec.KnownFields(true)
	var doc struct {
		Sources []Source `yaml:"sources"`
	}
	if err := dec.Decode(&doc); err != nil {
		return f, fmt.Errorf("built-in sources: %w", err)
	}
	f.Sources = doc.Sources
	records, err := readJSONLines(bytes.NewReader(builtinFeed), time.UTC)
	if err != nil {
		return f, fmt.Errorf("built-in feed: %w", err)
	}
	f.Records = records
	return f, f.check()
}

// Read reads a feed of somebody's own: JSON lines, or CSV with a column text
// and optionally id, source and at (domain.ParseMoment; without a zone it is local
// in the given one). Unknown columns are ignored.
// UTF-8, UTF-16 and Windows-1251 are read; columns are divided by comma,
// semicolon or tab. Errors are for the person who wrote it, in Russian, with
// the line.
func Read(r io.Reader, zone *time.Location) ([]Record, error) {
	raw, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	text, err := tables.ToUTF8(raw)
	if err != nil {
		return nil, err
	}
	rest := bytes.TrimLeft(text, " \r\n")
	switch {
	case len(rest) == 0:
		return nil, errors.New("она пуста")
	case rest[0] == '{':
		return readJSONLines(bytes.NewReader(text), zone)
	}
	return readCSV(text, zone)
}

func readCSV(text []byte, zone *time.Location) ([]Record, error) {
	t, err := tables.Open(text, "text")
	if err != nil {
		return nil, err
	}
	var out []Record
	for n := 2; ; n++ {
		row, err := t.Next()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		rec := Record{ID: row.Get("id"), Source: row.Get("source"), Text: row.Get("text")}
		if rec.ID == "" {
			rec.ID = "line" + strconv.Itoa(n)
		}
		if at := row.Get("at"); at != "" {
			if rec.At, err = momentOf(at, zone); err != nil {
				return nil, fmt.Errorf("строка %d: %w", row.Line, err)
			}
		}
		out = append(out, rec)
	}
}

func readJSONLines(r io.Reader, zone *time.Location) ([]Record, error) {
	var out []Record
	sc := bufio.NewScanner(r)
	sc.Buffer(make([]byte, 0, 1<<16), 8<<20)
	for line := 1; sc.Scan(); line++ {
		if len(bytes.TrimSpace(sc.Bytes())) == 0 {
			continue
		}
		// An id may be a number, as in the input of classify.
		var given struct {
			Record
			ID json.RawMessage `json:"id"`
			At string          `json:"at"`
		}
		if err := json.Unmarshal(sc.Bytes(), &given); err != nil {
			return nil, fmt.Errorf("строка %d: %w", line, domain.JSONFault(err, sc.Bytes(), `{"text":"…"}`))
		}
		rec := given.Record
		if given.At != "" {
			var err error
			if rec.At, err = momentOf(given.At, zone); err != nil {
				return nil, fmt.Errorf("строка %d: %w", line, err)
			}
		}
		if rec.ID = strings.Trim(string(given.ID), `"`); rec.ID == "" || rec.ID == "null" {
			rec.ID = "line" + strconv.Itoa(line)
		}
		out = append(out, rec)
	}
	if errors.Is(sc.Err(), bufio.ErrTooLong) {
		return nil, errors.New("в ней есть строка длиннее 8 МБ")
	}
	return out, sc.Err()
}

// check finds dangling references, so that a slip of the pen is not a silent gap.
func (f *Feed) check() error {
	keys := map[string]bool{}
	for _, s := range f.Sources {
		keys[s.Key] = true
	}
	seen := map[string]bool{}
	for _, r := range f.Records {
		switch {
		case seen[r.ID]:
			return fmt.Errorf("record %s stands twice", r.ID)
		case !keys[r.Source]:
			return fmt.Errorf("record %s: no source %q", r.ID, r.Source)
		case r.Of != "" && !seen[r.Of]:
			return fmt.Errorf("record %s is about %q, which does not stand before it", r.ID, r.Of)
		}
		seen[r.ID] = true
	}
	return nil
}
