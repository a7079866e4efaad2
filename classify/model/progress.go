package model

import "sync"

// progress tells how far a training is, in hundredths, each once. Several learners
// report to it at once.
type progress struct {
	mu    sync.Mutex
	tell  func(done, all int)
	told  int
	parts int // learnings of all labels
	part  int // that are done
	steps int // labels of the present one that are done
}

// readingShare is what reading the texts takes of the whole.
const readingShare = 0.1

func (p *progress) at(share float64) {
	const all = 100
	done := min(int(share*all), all)
	if p.tell == nil || done <= p.told {
		return
	}
	p.told = done
	p.tell(done, all)
}

// read tells that so many of the texts are read.
func (p *progress) read(done, all int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.at(readingShare * float64(done) / float64(all))
}

// label tells that one more label of so many is learned.
func (p *progress) label(labels int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.steps++; p.steps == labels {
		p.part, p.steps = p.part+1, 0
	}
	p.at(readingShare + (1-readingShare)*(float64(p.part)+float64(p.steps)/float64(labels))/float64(p.parts))
}

// half tells the progress of one of two trainings as that of both, each hundredth once.
func half(tell func(done, all int), which int) func(done, all int) {
	if tell == nil {
		return nil
	}
	told := 0
	return func(done, all int) {
		if now := (which*all + done) / 2; now > told && now > which*all/2 {
			told = now
			tell(now, all)
		}
	}
}
