package classify

import (
	"math"
	"strings"

	"github.com/otklik/otklik/classify/text"
	"github.com/otklik/otklik/domain"
)

// kindGroups are the matcher's groups of signals.yaml.
type kindGroups struct {
	problem, thanks, other groupID

	voice groupID // the writer's own: appeals, questions, first person; adds to problem
	calm  groupID // takes the urgency out of a danger
}

// kindScore is what speaks for each kind.
type kindScore struct {
	problem, thanks, other float64
}

// subject is what the topics and dangers say before the kind is known.
type subject struct {
	topics float64 // best score of a topic's phrases
	praise float64 // the same of praise
	like   float64 // best likeness to a topic
	urgent bool    // a danger was named
}

// kindOf tells problem, thanks and other apart.
func (c *Classifier) kindOf(m *match, d *text.Doc, sub subject) (domain.Kind, kindScore) {
	voice := m.total(c.kinds.voice) + shapeOfVoice(d)
	complaint := voice + m.total(c.kinds.problem)
	if len(d.Words) <= shortText && hasRefusal(d) {
		complaint += refusalWeight
	}
	other := m.total(c.kinds.other) + shapeOfOther(d)
	if voice < heard && hasReport(d) {
		other += reportWeight
	}
	k := kindScore{
		problem: complaint + topicWeight(sub.topics, voice, len(d.Words), complaint < quietBelow && other >= marked),
		thanks:  m.total(c.kinds.thanks) + sub.praise,
		other:   other,
	}
	if sub.urgent {
		k.problem += dangerWeight
	}
	against := complaint       // the words of praise are those of the complaint's topic
	if d.Shape.Questions > 0 { // «спасибо, а когда …?» wants an answer
		against++
	}
	switch {
	case k.thanks >= nameScore && k.thanks > against && k.thanks > k.other:
		return domain.Thanks, k
	case k.problem-k.other >= c.problemScore()+lengthToll(len(d.Words), voice)-plainBonus(d, sub.like):
		return domain.Problem, k
	}
	return domain.Other, k
}

// topicWeight is what the best topic adds to the problem: whoever names it
// clearly need not call it one. In a long text in which nobody speaks for
// himself a topic counts for less: news has topics too.
const (
	topicRate = 0.7
	mostTopic = 4.0

	// A text that bears the marks of news or advertising and in which nothing is
	// complained of is not made a problem by what it is about.
	quietBelow = 0.7
	marked     = 2.0
	quietTopic = 2.0
)

func topicWeight(score, voice float64, words int, quiet bool) float64 {
	most := mostTopic
	if quiet {
		most = quietTopic
	}
	if words > tollFree && voice < heard {
		most = nameScore
	}
	return topicRate * min(score, most)
}

func (c *Classifier) problemScore() float64 {
	if t := c.pack.Region.Thresholds.ProblemScore; t > 0 {
		return t
	}
	return 1
}

// plainBonus is what a short text without any ornament of publishing is let off:
// so write people who have something to say and no time. The more it is like the
// authors' sentences, which are all complaints, the more.
const (
	plainWeight = 0.5
	plainFrom   = 0.1 // news is hardly ever liker
	plainRate   = 10.0
	plainMost   = 1.5
)

func plainBonus(d *text.Doc, like float64) float64 {
	s := &d.Shape
	plain := s.Links+s.LatinWords+s.Dashes+s.Bold+s.Hashtags+s.Accounts == 0 && !s.Heading && s.Paragraphs < 2
	if plain && len(d.Words) <= shortText {
		return min(plainMost, plainWeight+plainRate*max(0, like-plainFrom))
	}
	return 0
}

// dangerWeight is what a named danger adds: who cries for help forgets to be
// polite, and news of accidents must not become a case.
const dangerWeight = 2.0

// Length toll: the longer a text, the more words of a complaint it holds by
// chance. Up to tollFree words nothing is asked, then tollVoice for each
// doubling, or tollMute where nobody speaks in his own name.
const (
	tollFree  = 16
	tollVoice = 0.35
	tollMute  = 0.8
	heard     = 0.7 // voice from which somebody speaks
)

func lengthToll(words int, voice float64) float64 {
	if words <= tollFree {
		return 0
	}
	rate := tollMute
	if voice >= heard {
		rate = tollVoice
	}
	return rate * math.Log2(float64(words)/tollFree)
}

// markWeight is what a question or an exclamation adds to the voice.
const markWeight = 0.5

// imperativeWeight is what a demand adds to the voice.
const imperativeWeight = 0.7

func shapeOfVoice(d *text.Doc) float64 {
	voice := 0.0
	if d.Shape.Questions > 0 {
		voice += markWeight
	}
	if d.Shape.Exclaims > 0 {
		voice += markWeight
	}
	if d.Shape.Links == 0 && d.Shape.LatinWords == 0 && hasImperative(d) {
		voice += imperativeWeight
	}
	return voice
}

// hasImperative: somebody is told to do something («повесьте», «постройте»).
// The calls of advertising («смотрите») are signals of their own.
func hasImperative(d *text.Doc) bool {
	for pos := range d.Words {
		w := d.Word(pos)
		if !strings.HasSuffix(w, "те") || len(w) < 10 {
			continue
		}
		if (strings.HasSuffix(w, "йте") || strings.HasSuffix(w, "ьте") || strings.HasSuffix(w, "ите")) && !isCall(w) {
			return true
		}
	}
	return false
}

// refusalWeight is what somebody's not doing something adds to a complaint.
const refusalWeight = 0.5

// hasRefusal: somebody does not do a thing («не выдают», «не показывает»).
func hasRefusal(d *text.Doc) bool {
	for pos := 1; pos < len(d.Words); pos++ {
		if d.Word(pos-1) != "не" {
			continue
		}
		w := d.Word(pos)
		for _, ending := range [...]string{"ют", "ут", "ят", "ат", "ет", "ит"} {
			if len(w) >= 8 && strings.HasSuffix(w, ending) {
				return true
			}
		}
	}
	return false
}

// reportWeight is what an office that did something adds to news.
const reportWeight = 1.0

// Where a report names who acted, counted in words from the beginning, and how
// far behind the deed follows.
const (
	reportStart = 4
	reportReach = 3
)

// hasReport: the text begins with an office or its men and what they did
// («Депутаты утвердили», «Минздрав отчитался»). What they did not do is a
// complaint.
func hasReport(d *text.Doc) bool {
	for pos := range min(reportStart, len(d.Words)) {
		if !isOffice(d.Word(pos)) {
			continue
		}
		for next := pos + 1; next <= pos+reportReach && next < len(d.Words); next++ {
			switch w := d.Word(next); {
			case w == "не" || w == "ни":
				return false
			case isPast(w):
				return true
			}
		}
	}
	return false
}

func isPast(w string) bool {
	w = strings.TrimSuffix(strings.TrimSuffix(w, "ся"), "сь")
	return len(w) >= 8 && (strings.HasSuffix(w, "ил") || strings.HasSuffix(w, "ал") || strings.HasSuffix(w, "ел") ||
		strings.HasSuffix(w, "ила") || strings.HasSuffix(w, "ала") || strings.HasSuffix(w, "ела") ||
		strings.HasSuffix(w, "или") || strings.HasSuffix(w, "али") || strings.HasSuffix(w, "ели") ||
		strings.HasSuffix(w, "ило") || strings.HasSuffix(w, "ало"))
}

func isOffice(w string) bool {
	for _, beginning := range [...]string{
		"губернатор", "министр", "министерств", "минздрав", "минобр", "минтранс", "правительств", "депутат",
		"прокуратур", "полици", "полицейск", "следовател", "спасател", "мчс", "гибдд", "росреестр", "роспотребнадзор",
		"синоптик", "энергетик", "волонт", "вице-", "сенатор", "мэр", "дума", "власти", "педагог", "школьник", "студент", "спортсмен",
	} {
		if strings.HasPrefix(w, beginning) {
			return true
		}
	}
	return false
}

func isCall(w string) bool {
	switch w {
	case "смотрите", "читайте", "слушайте", "узнайте", "делайте", "пишите", "хотите", "можете", "видите", "знаете", "звоните",
		"заходите", "приходите", "следите", "ставьте", "делитесь", "извините", "простите", "представьте", "портите", "сайте",
		"найдите", "получите", "выбирайте", "учите", "изучите", "попробуйте", "используйте", "берегите", "помните":
		return true
	}
	return false
}

// Shape weights. A link speaks most clearly: complaints hold one in a hundred.
const (
	linkWeight    = 1.5
	hashtagWeight = 0.5
	latinWeight   = 1.0 // from latinWords words on
	headingWeight = 1.0 // the text begins with an emoji, as headlines do
	typesetWeight = 1.0 // dashes or bold letters of an edited text
	laughWeight   = 1.0 // laughing faces
	paragraphs    = 0.5 // parts set off by empty lines
	latinWords    = 2
)

// shapeOfOther: news and advertising link, tag, decorate and typeset.
func shapeOfOther(d *text.Doc) float64 {
	s := &d.Shape
	score := 0.0
	add := func(is bool, weight float64) {
		if is {
			score += weight
		}
	}
	add(s.Links > 0, linkWeight)
	add(s.Hashtags > 1, hashtagWeight)
	add(s.LatinWords >= latinWords, latinWeight)
	add(s.Heading, headingWeight)
	add(s.Dashes > 0 || s.Bold > 0, typesetWeight)
	add(s.Paragraphs > 1, paragraphs)
	add(strings.ContainsAny(d.Text, "😂🤣😄😁😆😅😹"), laughWeight)
	return score
}
