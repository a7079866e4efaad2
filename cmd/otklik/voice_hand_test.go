package main

import (
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
)

// byHand records that the body answered from its own page, at a message of that number.
func (s *square) byHand(proof string) {
	s.t.Helper()
	c := s.only()
	s.clock.T = s.clock.T.Add(time.Hour)
	for _, to := range []domain.State{domain.Execution, domain.Approval, domain.Publishing} {
		var err error
		if c, err = s.store.MoveCase(s.t.Context(), domain.CaseMove{CaseID: c.ID, From: c.State, To: to, AgencyID: c.Proposed, Who: "kim", Why: "проверка", At: s.clock.T}); err != nil {
			s.t.Fatal(err)
		}
	}
	s.run(`INSERT INTO replies (case_id, round, kind, state, text, outcome, author, approver, created_at, updated_at, submitted_at, decided_at)
		SELECT id, round, 'final', 'approved', 'Мусор вывезен.', 'solved', 'kim', 'head', now(), now(), now(), clock_timestamp() FROM cases`)
	c = s.only()
	_, err := s.store.AnswerByHand(s.t.Context(), domain.Scope{Region: casesRegion, Whole: true, Restricted: true}, domain.ByHand{
		Case: domain.CaseSeen{ID: c.ID, Version: c.Version}, By: domain.By{Who: "kim", Why: "вручную", At: s.clock.T}, ProofURL: proof})
	if err != nil {
		s.t.Fatal(err)
	}
}

// An answer that was given by hand is an answer: what the author says to it is heard.
func TestAnObjectionUnderAnAnswerGivenByHand(t *testing.T) {
	const proof = "https://vk.ru/wall-77_1?reply=150"
	for name, says := range map[string]func(s *square) domain.Post{
		"in reply to it":        func(s *square) domain.Post { return s.comment(neighbour, "150", "Не решено!") },
		"under their own post":  func(s *square) domain.Post { return s.comment(neighbour, "", "Не решено!") },
		"in reply to a comment": func(s *square) domain.Post { return s.comment(neighbour, "99", "Ничего не решено") },
	} {
		t.Run(name, func(t *testing.T) {
			s := newSquare(t)
			s.byHand(proof)
			s.is(domain.Satisfaction, 1)
			s.clock.T = s.clock.T.Add(time.Hour)
			s.shows(says(s))
			s.is(domain.Reopened, 2)
			if s.told(domain.NoticeObjected, domain.RoleController) != 1 || s.told(domain.NoticeWrote, domain.RoleCoordinator) != 0 {
				t.Errorf("told: %d of the objection, %d that strangers write", s.told(domain.NoticeObjected, domain.RoleController), s.told(domain.NoticeWrote, domain.RoleCoordinator))
			}
		})
	}
	t.Run("thanks", func(t *testing.T) {
		s := newSquare(t)
		s.byHand(proof)
		s.clock.T = s.clock.T.Add(time.Hour)
		s.shows(s.comment(neighbour, "150", "Спасибо, вывезли!"))
		s.is(domain.Done, 1)
	})
	t.Run("a stranger", func(t *testing.T) {
		s := newSquare(t)
		s.byHand(proof)
		s.clock.T = s.clock.T.Add(time.Hour)
		s.shows(s.comment("501", "150", "Враньё"), s.comment("502", "", "Не решено!"))
		s.is(domain.Satisfaction, 1)
		if n := s.told(domain.NoticeWrote, domain.RoleCoordinator); n != 1 {
			t.Errorf("the body heard %d times of others", n)
		}
	})
}

// So is one that went into the dialog of an author who wrote in public, too.
func TestAnObjectionUnderThePostOfAnAnswerInPrivate(t *testing.T) {
	s := newSquare(t)
	s.answers("Мусор вывезен.")
	s.run(`UPDATE deliveries SET way = 'dialog', thread = 'vk:chat'`)
	s.clock.T = s.clock.T.Add(time.Hour)
	s.shows(s.comment(neighbour, "", "Не решено!"))
	s.is(domain.Reopened, 2)
}

// inGroup is somebody writing in a group of MAX, in reply to nobody.
func inGroup(n, from, text string) domain.Post {
	return domain.Post{ID: domain.NewPostID(domain.MAX, "-70", "mid."+n), Kind: domain.Comment, Text: text, Author: domain.Author{ID: from}}
}

// A group without threads: who was answered there need not press «Ответить».
func TestAnObjectionInAGroup(t *testing.T) {
	s := newSquareIn(t, domain.Source{Region: casesRegion, Kind: domain.MAXBot, Address: "9", Title: "Двор"}, inGroup("1", neighbour, garbage))
	s.answers("Мусор вывезен.")
	s.is(domain.Satisfaction, 1)
	s.clock.T = s.clock.T.Add(time.Hour)
	s.shows(inGroup("4", neighbour, "Не решено!"))
	s.is(domain.Reopened, 2)
	if n := s.told(domain.NoticeObjected, domain.RoleController); n != 1 {
		t.Errorf("the controller heard %d times", n)
	}
}
