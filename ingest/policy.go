package ingest

import (
	"context"

	"github.com/otklik/otklik/domain"
)

// Policy says why the active pack of a source's region does not let the source be
// read, in Russian words for people; "" when it may be. A nil Policy lets all be read.
//
// A source that may not be read is like one a person has stopped: its cursor stays
// where it is, so what a poll would find is found when the pack lets it be read
// again, as far back as its platform goes; what is pushed is acknowledged and gone.
type Policy func(src domain.Source) (why string)

// Refuses gives the words, and whether there are any.
func (p Policy) Refuses(src domain.Source) (why string, refused bool) {
	if p == nil {
		return "", false
	}
	why = p(src)
	return why, why != ""
}

// Dropped says why a push is acknowledged and not kept; "" when it is.
type Dropped string

// Why pushes are dropped.
const (
	DroppedPaused  Dropped = "paused"  // a person has stopped the source
	DroppedRefused Dropped = "refused" // the pack does not let it be read
)

// Drop tells whether a push to a source is kept. What is dropped is acknowledged, or
// the platform would repeat it; on an error it is not.
func (p Policy) Drop(ctx context.Context, sink Sink, src domain.Source) (Dropped, error) {
	if src.State == domain.SourcePaused {
		return DroppedPaused, nil
	}
	why, refused := p.Refuses(src)
	if !refused {
		return "", nil
	}
	return DroppedRefused, noteRefusal(ctx, sink, src, why)
}

// noteRefusal writes why a push was not taken into the state of its source, once:
// no poll tells of it.
func noteRefusal(ctx context.Context, sink Sink, src domain.Source, why string) error {
	if src.State == domain.SourceParked && src.Reason == why {
		return nil
	}
	return sink.Push(ctx, domain.Batch{Source: src, State: domain.SourceParked, Reason: why, Activity: src.Activity})
}
