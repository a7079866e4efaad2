package storage

import (
	"context"
	"time"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/storage/db"
)

// Words said before consent, or to a chat that is nobody's, name the chat by its keyed
// hash alone. Only a process that has just heard from the chat can say them; when it
// dies first they are said when somebody writes there again, or not at all.

// WordsInHand finds what waits for the address of a chat, known by its keyed hash.
func (s *Store) WordsInHand(ctx context.Context, chatKey []byte) ([]int64, error) {
	ids, err := s.queries().WordsInHand(ctx, chatName(chatKey))
	return ids, named("find words that wait for an address", err)
}

// StillInHand tells which of some deliveries wait for an address still.
func (s *Store) StillInHand(ctx context.Context, ids []int64) ([]int64, error) {
	left, err := s.queries().StillInHand(ctx, ids)
	return left, named("look at words that wait for an address", err)
}

// ClaimInHand is ClaimDelivery for those of which the caller has the address.
func (s *Store) ClaimInHand(ctx context.Context, held []int64, within time.Duration) (d domain.Delivery, ok bool, err error) {
	if len(held) == 0 {
		return d, false, nil
	}
	return s.claim(ctx, within, held)
}

// questionLost: the question about consent itself, the one with buttons, has not arrived
// or nobody knows. It is put again with the next message.
func questionLost(d db.Delivery, end domain.DeliveryEnd) bool {
	return d.InHand && d.Why == reasonAskedConsent && len(d.Buttons) > 0 &&
		(end.State == domain.DeliveryFailed || end.State == domain.DeliveryUnclear)
}

// inHandID stands for the platform's id of what was said in hand.
const inHandID = "-"

// inHandEnd is the end of a try without what may tell the chat.
func inHandEnd(end domain.DeliveryEnd) domain.DeliveryEnd {
	end.Words = ""
	if end.State == domain.Delivered {
		end.Message = inHandID
	}
	return end
}
