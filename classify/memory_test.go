package classify

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/otklik/otklik/domain"
)

// What was read before, however much, changes no verdict: what is remembered of words is
// forgotten when it is too much, and found again the same.
func TestVerdictsDoNotDependOnMemory(t *testing.T) {
	school := NewSchool()
	plain := compiled(t, Options{School: school})
	m := learned(t, "khabarovsk_rows", HintsOf(plain), yard("3", "брындец", "шмяга"), yard("98", "кукумбер", "чмонька"), yard("-", "пфуйка", "зюзюка"))
	c := compiled(t, Options{School: school, Rows: m})
	posts := []domain.Post{
		{Text: ordinary}, {Text: "Примите меры, чмонька у дома 9 по ул. Карла Маркса, сколько можно ждать"},
		{Text: "Спасибо коммунальщикам, двор на Юбилейной убрали"}, {Text: "Пахнет газом в подъезде, Хабаровск, Ленина 5!"},
		{Text: "Пропал щенок, мальчик, в районе Комсомольска-на-Амуре &quot;Дружба&quot;"}, {Text: "яма яма яма на дороге на дороге на дороге, яма яма на дороге, сколько раз говорить"},
	}
	s := c.newScratch()
	before := make([]domain.Verdict, len(posts))
	for i := range posts {
		before[i] = c.judge(s, &posts[i])
	}
	epoch := s.analyzer.Lexicon().Epoch()
	for i := 0; s.analyzer.Lexicon().Epoch() < epoch+2; i++ {
		if i > 300 {
			t.Fatal("nothing is ever forgotten")
		}
		var words strings.Builder
		for k := range 1000 {
			fmt.Fprintf(&words, "%dя ", 1000*i+k)
		}
		c.judge(s, &domain.Post{Text: words.String()})
		if i%20 == 0 { // in the midst of it, too
			post := &posts[i/20%len(posts)]
			if got, want := c.judge(s, post), before[i/20%len(posts)]; !reflect.DeepEqual(got, want) {
				t.Fatalf("after %d texts %q is judged\n%+v\nand was\n%+v", i, post.Text, got, want)
			}
		}
	}
	for i := range posts {
		if got := c.judge(s, &posts[i]); !reflect.DeepEqual(got, before[i]) {
			t.Errorf("%q is judged\n%+v\nand was\n%+v", posts[i].Text, got, before[i])
		}
		if got := c.judge(c.newScratch(), &posts[i]); !reflect.DeepEqual(got, before[i]) {
			t.Errorf("%q is judged\n%+v\nwithout memory, and was\n%+v", posts[i].Text, got, before[i])
		}
	}
}

// In steady state a word more costs no allocation: a text said twice over has as many as
// one said once, but for what its verdict shows more.
func TestWordsCostNoAllocations(t *testing.T) {
	c := embeddedClassifier(t, "khabarovsk")
	s := c.newScratch()
	filler := strings.Repeat("и потом мы снова пошли туда пешком вместе с соседями, было темно. ", 20)
	count := func(post *domain.Post) float64 {
		return testing.AllocsPerRun(50, func() { c.judge(s, post) })
	}
	short, long := &domain.Post{Text: ordinary + " " + filler}, &domain.Post{Text: ordinary + " " + filler + filler}
	count(long) // buffers grow once
	if few, many := count(short), count(long); many > few+2 {
		t.Errorf("%v allocations, with %d words more %v", few, len(strings.Fields(filler)), many)
	}
}
