package classify

// The weights that join signs are logistic regressions, so that their sums are
// logarithms of odds. `go run ./cmd/eval fit` fits and prints them, on example
// sentences each read by a classifier that learned from other ideas. Few signs
// join: with all of them the examples, which are short, taught that links and
// typesetting speak for complaints, and news was taken for them.

// otherWeights: news, advertising and talk against complaints and thanks.
func otherWeights() signs {
	return signs{signOne: 0.318, signOther: 0.909, signThanks: -0.228, signProblem: -0.684, signReport: 0.518, signMargin: -0.341}
}

// thanksWeights: thanks against all else.
func thanksWeights() signs {
	return signs{signOne: 0.270, signThanks: 0.773, signNamed: 0.099, signPraise: 0.074, signThankMargin: 0.146}
}

// alarmWeights: danger to life against all else.
func alarmWeights() signs {
	return signs{
		signOne: -2.818, signDanger: 1.035, signVoice: -0.327, signCalm: -0.544, signNamed: 0.456,
		signUnnamed: -0.332, signClear: -0.087, signLike: -0.437, signWords: 1.982,
	}
}
