package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"maps"
	"os"
	"slices"

	"github.com/otklik/otklik/classify"
	"github.com/otklik/otklik/domain"
)

// placesFile holds sentences with the place that each must give.
const placesFile = "classify/testdata/places.jsonl"

// placeSentence is a text and its place. Elsewhere: it is about another region.
type placeSentence struct {
	Region       string `json:"region"`
	Kind         string `json:"kind"` // of difficulty
	Text         string `json:"text"`
	Home         string `json:"home"` // of the source it came from
	Municipality string `json:"municipality"`
	Settlement   string `json:"settlement"`
	Street       string `json:"street"`
	House        string `json:"house"`
	Elsewhere    bool   `json:"elsewhere"`
}

// aside reports whether a sentence belongs to the half that is only counted:
// whoever mends the matcher looks at the other half.
func (s *placeSentence) aside() bool {
	h := fnv.New32a()
	_, _ = h.Write([]byte(s.Text)) // never fails
	return h.Sum32()%2 == 1
}

func (s *placeSentence) municipalityRight(p *domain.Place) bool {
	elsewhere := p.Source == domain.PlaceElsewhere
	return p.Municipality == s.Municipality && elsewhere == s.Elsewhere
}

func (s *placeSentence) streetRight(p *domain.Place) bool {
	return p.Street == s.Street && p.House == s.House
}

type placeCommand struct {
	Region string `default:"khabarovsk" help:"Pack to score."`
	Show   bool   `help:"Print the wrong ones of the half that is not kept aside."`
}

// Run prints the figures by kind of sentence and half.
func (cmd *placeCommand) Run() error {
	c, err := loadClassifier(cmd.Region)
	if err != nil {
		return err
	}
	list, err := readPlaces(cmd.Region)
	if err != nil {
		return err
	}
	byKind := map[string]*placeScore{}
	for i := range list {
		s := &list[i]
		p := c.Judge(&domain.Post{Text: s.Text, Home: s.Home}).Place
		name := s.Kind
		if s.aside() {
			name += ", aside"
		} else if cmd.Show {
			showWrongPlace(s, &p)
		}
		if byKind[name] == nil {
			byKind[name] = &placeScore{}
		}
		byKind[name].add(s, &p)
	}
	for _, kind := range slices.Sorted(maps.Keys(byKind)) {
		k := byKind[kind]
		fmt.Printf("%-20s municipality %d of %d, settlement %d, street and house %d of %d\n",
			kind, k.municipality, k.n, k.settlement, k.streets, k.withStreet)
	}
	return nil
}

func showWrongPlace(s *placeSentence, p *domain.Place) {
	if s.municipalityRight(p) && s.streetRight(p) && p.Settlement == s.Settlement {
		return
	}
	fmt.Printf("[%s] %s\n   want %s|%s|%s|%s elsewhere %v\n   got  %s|%s|%s|%s from %q %s %v\n", s.Kind, s.Text,
		s.Municipality, s.Settlement, s.Street, s.House, s.Elsewhere,
		p.Municipality, p.Settlement, p.Street, p.House, p.Source, p.Elsewhere, p.Candidates)
}

// placeScore counts right places. Streets are counted over the sentences that
// have one or were given one.
type placeScore struct{ n, municipality, settlement, withStreet, streets int }

func (c *placeScore) add(s *placeSentence, p *domain.Place) {
	c.n++
	if s.municipalityRight(p) {
		c.municipality++
	}
	if s.Settlement == p.Settlement {
		c.settlement++
	}
	if s.Street == "" && s.House == "" && s.streetRight(p) {
		return
	}
	c.withStreet++
	if s.streetRight(p) {
		c.streets++
	}
}

func (c *placeScore) print(suffix, region string, figures *figures) {
	figures.add("place_municipality"+suffix, region, ratio(c.municipality, c.n))
	figures.add("place_street_house"+suffix, region, ratio(c.streets, c.withStreet))
}

// evalPlaces prints the figures of all sentences of a region and those of the
// half that nobody looked at while the matcher was mended.
func evalPlaces(c *classify.Classifier, region string, figures *figures) error {
	list, err := readPlaces(region)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		fmt.Printf("skipped: place_municipality_%s: %s has no sentence of it\n", region, placesFile)
		return nil
	}
	var all, aside placeScore
	for i := range list {
		s := &list[i]
		p := c.Judge(&domain.Post{Text: s.Text, Home: s.Home}).Place
		all.add(s, &p)
		if s.aside() {
			aside.add(s, &p)
		}
	}
	all.print("", region, figures)
	aside.print("_aside", region, figures)
	return nil
}

func readPlaces(region string) ([]placeSentence, error) {
	content, err := os.ReadFile(placesFile)
	if err != nil {
		return nil, fmt.Errorf("reading place sentences: %w", err)
	}
	var list []placeSentence
	lines := bufio.NewScanner(bytes.NewReader(content))
	for lines.Scan() {
		var s placeSentence
		if err := json.Unmarshal(lines.Bytes(), &s); err != nil {
			return nil, fmt.Errorf("reading %s: %w", placesFile, err)
		}
		if s.Region == region {
			list = append(list, s)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("reading %s: %w", placesFile, err)
	}
	return list, nil
}
