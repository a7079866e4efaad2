package model

import (
	"errors"
	"fmt"
)

var (
	// ErrNoHints: the model was learned with hints and has none to judge by.
	ErrNoHints = errors.New("the model needs the hints it was learned with")
	// ErrOtherPlaces: the model has learned the places of another region.
	ErrOtherPlaces = errors.New("the model was learned with the places of another region")
)

// Use gives the hints to a model that was learned with some; one that was not
// needs none. One that has learned places is refused beside a pack of another region:
// its names would mean nothing there, or something else.
func (m *Model) Use(h Hinter) error {
	if !m.Head.Hints || h == nil {
		return nil
	}
	if m.Head.Places {
		p, ok := h.(PackHinter)
		if !ok || m.Head.Pack == nil || p.Pack().Region != m.Head.Pack.Region {
			return fmt.Errorf("%w: of %s", ErrOtherPlaces, m.Head.Pack.name())
		}
		h = p.WithPlaces()
	}
	m.hinter = h
	return nil
}

// Strange tells the pack a model has learned with, if that is another than the one it
// is to judge beside: it may, for what it does not know says nothing, but the hints
// that changed since mean to it what they meant then.
func (m *Model) Strange(beside Pack) (learned Pack, strange bool) {
	if !m.Head.Hints || m.Head.Pack == nil || *m.Head.Pack == beside {
		return Pack{}, false
	}
	return *m.Head.Pack, true
}

func (p *Pack) name() string {
	if p == nil {
		return "an unknown region"
	}
	return p.Region
}

// learnedWith says in the head what the hints were.
func (h *Head) learnedWith(hints Hinter, places bool) {
	h.Hints = hints != nil
	if p, ok := hints.(PackHinter); ok {
		pack := p.Pack()
		h.Pack, h.Places = &pack, places
	}
}
