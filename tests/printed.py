"""What models print for a few problems, and what it is: right, wrong, or nothing of the answer's kind.

LaTeX, Markdown, thoughts and chat marks stand here as models print them.
"""

from typing import Any

PROBLEMS: dict[str, tuple[str, dict[str, Any]]] = {
    "sum": ("addition", {"x1": "1000", "x2": "234.5"}),
    "half": ("addition", {"x1": "0.25", "x2": "0.25"}),
    "whole": ("derangement", {"n": 5, "limb": 0}),
    "thousands": ("derangement", {"n": 9, "limb": 0}),
    "count": ("count_letters", {"letter": "t", "sentence": "Light hot kitchen."}),
    "quotient": ("division", {"x1": "1", "x2": "3", "digitwise": 1}),
    "exact quotient": ("division", {"x1": "9", "x2": "4", "digitwise": 1}),
    "sorted": ("bubble_sort", {"numbers": [3, -5, 2]}),
    "primes": ("prime_search", {"lower": 5, "upper": 12}),
    "no primes": ("prime_search", {"lower": 114, "upper": 126}),
    "pairs": ("diophantine", {"x1": 4, "x2": 6, "n": 24}),
    "no pairs": ("diophantine", {"x1": 9, "x2": 20, "n": 44}),
    "distances": ("dijkstra", {"n": 3, "edges": [["C", "A", 6], ["C", "B", 5]], "source": "B"}),
    "less": ("compare_numbers", {"x1": "2.5", "x2": "13"}),
    "equal": ("compare_numbers", {"x1": "2.50", "x2": "2.5"}),
    "flipped": ("word_flip", {"sentence": "Old dog, we."}),
    "subsequence": ("lcs", {"x1": "cad", "x2": "caadb"}),
    "no subsequence": ("lcs", {"x1": "aa", "x2": "bb"}),
    "substrings": ("any_substring", {"string": "pdx", "letterwise": 0}),
}
"""Task and data by the name that the cases have here."""

# fmt: off
CASES: dict[str, dict[str, list[str]]] = {
    "sum": {
        "right": [
            "1{,}234.5", r"\boxed{1{,}234.5}", r"**Answer:** $\boxed{1{,}234.50}$.", "1,234.5", "1 234.5",
            "$1,234.50", "1.2345e3", "1000 + 234.5 = 1234.5", "1234.5 euros", "€1,234.50", "1234.5.", r"1\,234.5",
            "1’234.5", "Answer: 1_234.5", "The sum is 1,234.5.", "1000 + 234.5 = **1234.5**", "Total: 1234.5 euros.",
            "+1234.5", "1234.500", "The exact sum is $1234.5$.", "  1000.0\n+  234.5\n--------\n  1234.5", "2469/2",
        ],
        "wrong": [
            "12345", "1234", "1234.05", "-1234.5", "1234.5 or 1234.6", "12,345",
        ],
        "unfound": [
            "1234,5", "1.234,5", "1,2345", "12,34.5", "1234.5%", "1234.5.1", "1000 + 234.5", "1234.5 million",
        ],
    },
    "half": {
        "right": [
            "1/2", r"\dfrac{1}{2}", "0.5",
        ],
        "wrong": [
            "1/3",
        ],
    },
    "whole": {
        "right": [
            r"The answer is \(44\).", r"\[ 44 \]", "So\n\\[\n44\n\\]", "$$44$$", "$$\n44\n$$", r"\boxed{\text{44}}",
            "#### 44", "<think>45</think>\n44", "<think>45</think>The answer is 44.", "<answer>44</answer>",
            "44<|im_end|>", "Answer: 44<|im_end|>", "Answer:\n```\n44\n```", "**Answer**\n```text\n44\n```", "+44",
            "37 + 7 = 44", "The answer is 44. Note that the answer is easy to verify.",
            "Answer: 45\nNo, wait.\nAnswer: 44", r"\boxed{45}, wait: \boxed{44}",
            "44\nI hope this answers your question.", "<think>So the answer is 44", "x = 44", "44 is the answer.",
            '{"answer": 44}', '{"answer": "44"}', "Final Answer: The final answer is $44$. I hope it is correct.",
            "The answer is 44, since 40 + 4 = 44.", "Answer: 44.0", "Answer: `44`", 'Answer: "44"', "ANSWER: 44",
            "Answer:44", "Answer : 44", "answer=44", "The final answer is: 44",
            r"The correct answer is $\mathbf{44}$", "So the answer is therefore **44**.", "My answer: 44",
            "Answer (final): 44", "### Answer\n\n44", "**Answer:**\n\n$$\\boxed{44}$$", r"$\boxed{44}$.",
            r"Thus, $D(5) = \boxed{44}$.", r"\boxed{D(5) = 44}", r"\fbox{44}", r"\boxed{44}\text{ derangements}",
            r"\boxed{44 \text{ ways}}", "44<|endoftext|>", "44</s>", "44<end_of_turn>\n", "44<|eot_id|>",
            "<|start_header_id|>assistant<|end_header_id|>\n\n44<|eot_id|>",
            "<|im_start|>assistant\n44<|im_end|>\n<|im_start|>user\nthanks 45<|im_end|>", "44<|im_end|><|endoftext|>",
            "<|channel|>analysis<|message|>It is 45?<|end|><|start|>assistant<|channel|>final<|message|>44<|return|>",
            "<|im_start|>user\nWhat? 3<|im_end|>\n<|im_start|>assistant\nAnswer: 44<|im_end|>",
            "[INST] 45? [/INST] 44 </s>", "[THINK]45[/THINK]44", "is it 45?</think>\n\n44",
            "<think>\n\n</think>\n\n44", "<think>The answer is 45</think>\nThe answer is 44",
            "Answer: 44\n<think>45</think>", "Answer: ４４", "Answer: 44。", "= 44", "D_5 = 44", "$D_5 = 44$",
            r"\[D_5 = 44.\]", r"\begin{aligned} D_5 &= 5 D_4 - 1 \\ &= 44 \end{aligned}",
            "$$\\begin{aligned}\nD_5 &= 5 D_4 - 1 \\\\\n&= 44\n\\end{aligned}$$", "Result: 44", "Total: 44",
            "Output:\n44", "So there are **44** derangements.", "there are 44 ways",
            "The number of derangements is 44.", "Answer: 44 (forty-four)",
            "44\n\n---\n*Note: derangements are permutations.*", "44\n\nLet me know if you'd like more detail! 😊",
            "The answer is:\n\n44", "The answer is\n\\[\n\\boxed{44}\n\\]", "[ 44 ]", "> 44", "- 44",
            "* **Answer:** 44", "1. We compute.\n2. The answer is 44.", "```\nAnswer: 44\n```",
            '{\n  "steps": [1, 2],\n  "answer": 44,\n  "confidence": 0.9\n}',
            '```json\n{"answer": "44", "confidence": 0.9}\n```', "<final_answer>44</final_answer>",
            "<answer>\n44\n</answer>", "<answer>44", "<answer>The answer is 44.</answer>",
            r"<answer>$\boxed{44}$</answer>", "<b>44</b>", r"I will put my answer in \boxed{}: \boxed{44}",
            r"\boxed{\displaystyle 44}", r"\boxed{\color{red}{44}}", r"$\Large\boxed{44}$", "Answer: 044",
            "the answer would be 44", "The answer comes out to 44.", "The answer, as computed above, is 44.",
            "The answer to the question is 44", "The answer for x=3 is 44.", "Answer: x = 44", "Answer: 37 + 7 = 44",
            "So, 37 + 7 = 44, the answer is 44", "Answer: 44\n\nExplanation: 5! / e is about 44.1.", "44.", "44!",
            "The answer is 44!\n\nIs there anything else?", "44\u200b", "\ufeff44", "Answer: 44\r\n",
            "Answer:\r\n44\r\n", "$44", "Answer: 4.4e1", r"Answer: 44.0 \quad \blacksquare",
            "To find the number of derangements, use D(n) = (n-1)(D(n-1)+D(n-2)).\n\nD(1) = 0\nD(2) = 1\n"
            "D(3) = 2\nD(4) = 9\nD(5) = 4 × (9 + 2) = 44\n\n"
            "So the number of derangements of 5 items is **44**.",
            "## Step 1\nCompute.\n\n## Step 2\nD(5)=44\n\nThe final answer is: $\\boxed{44}$",
            "Therefore, the answer is\n\n$$\n\\boxed{44}\n$$\n\nThis completes the solution.",
            r"Therefore, there are $\boxed{44}$ ways to arrange 5 books.", "**Final Answer:** 44 ways",
            "**Final answer: 44**", "### **Answer: 44**", "✅ Answer: 44", "Answer → 44", "Answer is 44", "Ans: 44",
            "A: 44", "Hence the required number is 44.", "44 derangements", "D(5) = 44 ✓", "The result is `44`.",
            "We get $D_5=44$.", "So it's 44.", "It equals 44", "which equals 44.", "Thus D(5) equals 44.",
            "The total number of ways: 44", "Number of ways = 44", "\\[\n\\boxed{44}\n\\]",
            "$$\\boxed{44}$$\n\n(Checked with 5!/e ≈ 44.1)",
            "<think>\nlong\n\nAnswer: 45\n</think>\n\n**Answer:** 44\n",
            "<reasoning>x</reasoning><answer>44</answer>", "Answer: 44<|end|>",
            "Answer: 44<|eot_id|><|start_header_id|>user<|end_header_id|>\n\nnext: 45", "Answer: 44\nDone.",
            "The answer is 44.<|im_end|>\n", "  44  ", "44\n\n\n", "Answer:   44", "Answer:\t44",
            "Answer: **44** ways.", "Answer: $44$ ways", "Answer: 44, because D(5) = 5·9 − 1.",
            "The answer is 44 (see above).", "The answer is, of course, 44.", "The answer is thus 44.",
            "The answer, then, is 44.", "the answer must be 44", "The answer is equal to 44.",
            "My final answer is 44!", "**44**\n\nExplanation: D(n) counts permutations without fixed points.", "44",
            "```python\nprint(44)\n```\nThe output is 44.", r"\(D_5 = 44\)", r"Answer: \(44\).", r"Answer: \[44\]",
            r"Answer: \(\boxed{44}\)", r"$ \boxed{ 44 } $", r"\boxed{ \mathbf{44} }", r"\boxed{44}.",
            r"Answer: $\text{44}$", r"The final answer is \textbf{44}.", "Answer: \u202a44\u202c",
            "There are 44 derangements of 5 books.", "There are 44 ways to arrange 5 books so that none stays.",
            "The maximum total value is **44**, achieved by taking item 2.",
            "The largest total is 44, obtained with items 1, 2 and 3.", "The number is 44 for n = 5.",
            "The edit distance is 44: substitute d with b, insert 3 letters.",
            "The edit distance is 44 – one insertion each.", "The colony has 44 pairs after 4 days.",
            "Answer: The total is 44, i.e. 40+4.", "Answer: 44 (items 1, 2, 3)", "Answer: 44\nConfidence: 95%",
            "There are 44.", "So D(5)=44 — done.", "44 — that is the number of derangements.",
            "After 4 days there will be 44 pairs.", "the answer is 44 pairs after 4 days",
            "It takes 44 edits to turn 1 into 2.", "The maximum profit is 44 with jobs 1, 2.",
        ],
        "wrong": [
            "The answer is 44 or 45.", "Answer: 44\nAnswer: 45", r"\boxed{44} or \boxed{45}", "42 is the answer.",
            "Answer: 44.5", "-44", "44.0001", "44 is wrong, the answer is 45", "Answer: 4", "Answer: 440",
            "Answer: 44.4", "42", "<think>44</think>45", "45<|im_end|>44", "Answer:\n44\n45", "Answer: 45\n44",
            r"\boxed{44}, \boxed{45}", "Answer: 44\n\\boxed{45}", "Answer: 44 → 45", "Answer: 0.44", "Answer: 44e1",
            "44,000", "Answer: {44: 45}", "Answer: 45\n\nThe answer is 44 + 1.", "\\boxed{45}\n44", "4\u200b5",
            "2 x 22 = 45", "The answer is 44.5.", "1. 44\n2. 45", "44\n45", "Answer: 45 <think>44</think>", "44: 45",
        ],
        "unfound": [
            "I don't know.", "", "<think>44", "Es ist 44", "The answer is not 44.", "between 40 and 44",
            "Answer: 44 million", "Answer: 44%", "four 44s", "Answer: 44, 45", "Answer: 44 and 45", "44 < x < 45",
            "±44", "44i", "44k", "44 M", "4 4", "44 44", "Answer: 37 + 7", r"\boxed{37+7}", "88/2", "Answer: 44/1",
            "Answer: 45 (not 44)", "Either 44 or 45.", "The answer is less than 44.", "at least 44", "Answer: 44?",
            "44...5", "44^2", "44%", "44 percent", "2^{44}", r"x \ge 44", "x >= 44", "x ≠ 44", "<think>44</think>",
            "The answer is 44. Or 45.", "3:44", "44 remainder 1", "44 hundreds", "44 and a half",
            "I think it is around 44.", "It's about 44.", "The answer isn't 44.", "Not 44.",
            "The answer can't be 44.", "44? No, 45.", "40 + 4", "Answer: 40 + 4", "4*11", "C(5,2)+34", "Answer: 44x",
            "Answer: x44", "44:45", "44-45", "44–45", "44 to 45", "from 44", "Answer: 4,4", "44.000.000",
            "Answer: [44, 45]", r"\sqrt{44}", "44!+1", r"\frac{44}{2}", r"44\frac{1}{2}", "44½", "44²", "⁴⁴",
            "Answer: 44 if n = 5, else 45", "Answer: none", "Answer: unknown", "Answer: forty-four", "Answer: --44",
            "Step 44", "See page 44.", "44 ≠ 45", "44 < 45", "The answer is 44,5.", "Answer: 44/45",
            "The answer is more than 44.", "The answer is 44 less than 50.", "44 apples and 3 pears",
            "44 hours 30 minutes", "3 of 44", "44 of 45", "44 in 45", "44 out of 100", "44 less than 50",
            "44 raised to the power of 2", "44 apples, 3 pears", "Answer: 44 with remainder 3", "44 - 45", "44 - x",
            "44 more than 3", "44 multiplied by 2", "44 feet 3 inches", "44 than 45",
        ],
    },
    "thousands": {
        "right": [
            "133496.0", "133,496", "133 496", "133_496", "133\u202f496", r"133\,496", "The answer is 133,496.",
            "**133,496**", "$133{,}496$", r"\boxed{133,\!496}", "D(9) = 133 496", "133'496", "1.33496e5",
            "1.33496 × 10^5", r"$1.33496 \times 10^{5}$", "133496.00", "There are 133,496 derangements.",
            "Answer: 133,496 permutations",
        ],
    },
    "count": {
        "right": [
            "There are 3 letters t in the sentence.", "The letter t occurs 3 times.",
            "The letter t appears **3** times.", "Count: 3", "t: 3", "3 times", "There are 3 t's.", "3",
            "There are 3.", "The letter 't' appears 3 times in the sentence.", "**3 times**", "t appears 3 times.",
            "Answer: 3 (in Light, hot, kitchen)", "The count is 3.",
            "The letter 't' appears 3 times: in 'Light' (1), 'hot' (1), 'kitchen' (1).",
            "There are 3 occurrences of t: 1 in each word.",
        ],
        "wrong": [
            "33", "The letter t occurs 33 times.", "3 or 4",
        ],
        "unfound": [
            "more than 3",
        ],
    },
    "quotient": {
        "right": [
            ".3333", "0.3333", "≈ 0.3333", "1 ÷ 3 ≈ 0.3333", "The answer is approximately 0.3333.",
            r"$\frac{1}{3} \approx 0.3333$", "0.3333 (truncated)", "1/3 = 0.3333", "Answer: 0.3333 metres",
            "1 ÷ 3 = 0.3333", "0.3333 (truncated to four decimal places)", "The quotient is 0.3333.",
            "0.3333\n\nNote: the digits repeat.", "0.3333 (rounded down)",
        ],
        "wrong": [
            "0.333", "0.3334", "0.33333", "0.3333333", "0.33",
        ],
        "unfound": [
            "1/3", r"\frac{1}{3}", "0.333...", "33.33%", "0,3333",
        ],
    },
    "exact quotient": {
        "right": [
            "2.25",
        ],
        "unfound": [
            r"\frac{9}{4}", "9/4", "2 1/4", "2 remainder 1",
        ],
    },
    "sorted": {
        "right": [
            "[-5, 2, 3]", "[−5, 2, 3]", "Answer: -5, 2 and 3", "(-5, 2, 3)", "{-5, 2, 3}", r"\{-5, 2, 3\}",
            "$[-5, 2, 3]$", "`[-5, 2, 3]`", "-5 2 3", "-5; 2; 3", "−5，2，3", "sorted list: [-5, 2, 3]",
            "The sorted list is [-5, 2, 3].", "Answer: The sorted list in ascending order is: -5, 2, 3",
            "Answer: -5, 2, 3.", "-5, 2, and 3", "-5\n2\n3", "```python\n[-5, 2, 3]\n```",
            "[-5, 2, 3]\n\nThis list is sorted.", "sorted = [-5, 2, 3]", 'Answer: ["-5", "2", "3"]',
            r"\boxed{-5, 2, 3}", r"\boxed{[-5, 2, 3]}", r"\boxed{-5}, \boxed{2} and \boxed{3}",
            "Answer: [-5, 2, 3] (ascending)", "The answer is [-5, 2, 3], since -5 < 2 < 3.", '{"answer": [-5, 2, 3]}',
            "Answer: −5, 2, 3", "The answer is -5, 2, 3. Note that 3 swaps were needed.", "**-5, 2, 3**",
            r"\left[-5, 2, 3\right]", "-5,2,+3", "-5.0, 2.0, 3.0",
            "-5, 2, 3\n\nLet me know if you need anything else!", "Sorted: -5, 2, 3", "After sorting: [-5, 2, 3]",
            "The list in ascending order: −5, 2, 3.", "The answer is: -5, 2, 3", "**Answer:** `-5, 2, 3`",
            "[-5,2,3]<|im_end|>", "Final sorted list: **[-5, 2, 3]**",
            "Pass 1: [-5, 2, 3]\nNo swaps.\nAnswer: -5,2,3", "Answer: -5 , 2 , 3", "<answer>[-5, 2, 3]</answer>",
            "$$-5, 2, 3$$", r"\(-5, 2, 3\)", "-5,\n2,\n3", "The sorted list is:\n\n-5, 2, 3",
        ],
        "wrong": [
            "5, 2, 3", "-5, 3, 2", "-5, 2", "-5, 2, 3, 3", "-523", "3, 2, -5", "[-5, 2], [3]", "-5, 23", "-5,2.3",
        ],
        "unfound": [
            "[-5, 2, 3] is not sorted", "-5, 2 or 3", "-5 < 3 < 2", "-5, 2, 3, ...", "-5, 2, 3, x",
            "-5, 2, 3; 3, 2, -5", "[-5, 2, 3] or [-5, 3, 2]",
        ],
    },
    "primes": {
        "right": [
            "5, 7 and 11", r"\boxed{5}, \boxed{7}, \boxed{11}", r"\boxed{5, 7, 11}",
            "The primes are:\n- 5\n- 7\n- 11", "Answer:\n1. 5\n2. 7\n3. 11", "5, 7, 11 (three primes)",
            "The primes between 5 and 12 are 5, 7 and 11.", "The prime numbers are: 5, 7, 11.", "5, 7 & 11",
            "{5, 7, 11}", "So:\n* 5\n* 7\n* 11\n\nThese are all primes in the range.", "$5, 7, 11$",
            "$5$, $7$, and $11$", "[5 7 11]", "Primes: 5, 7, 11", "The primes are 5, 7, and 11.",
            "Therefore, the primes in the range are **5, 7, 11**.", "5,7,11", r"\{5, 7, 11\}", r"$\{5, 7, 11\}$",
        ],
        "wrong": [
            "5711", "5,7,11,13", "5, 7, 9, 11", "none", "5, 7", "5 7 11 13", "5,711", "57,11", "7, 5, 11",
        ],
        "unfound": [
            "5, 7, 11, and more",
        ],
    },
    "no primes": {
        "right": [
            "There are no prime numbers between 114 and 126.", "∅", "[]", r"\boxed{\emptyset}", "none", "None.",
            r"\boxed{\text{none}}", "Answer: There are no primes in this range.", "No prime numbers exist.",
            "The answer is none, since all are composite.", "{}", r"\{\}", "the empty set", "There are none.",
        ],
        "wrong": [
            "113", "0", "None of them is composite.",
        ],
        "unfound": [
            "no primes except 117",
        ],
    },
    "pairs": {
        "right": [
            "(0,4), (3,2), (6,0)", "(0, 4); (3, 2); (6, 0)", "(a, b) = (0, 4), (3, 2), (6, 0)",
            "a = 0, b = 4; a = 3, b = 2; a = 6, b = 0", "{(0,4),(3,2),(6,0)}", "[(0, 4), (3, 2), (6, 0)]",
            "[[0,4],[3,2],[6,0]]", "- (0, 4)\n- (3, 2)\n- (6, 0)", "$(0,4)$, $(3,2)$, and $(6,0)$",
            r"\left(0,4\right), \left(3,2\right), \left(6,0\right)", "The solutions are (0,4), (3,2), and (6,0).",
            "Answer: (0,4), (3,2) and (6,0).", "(0,4)\n(3,2)\n(6,0)", "1. a=0, b=4\n2. a=3, b=2\n3. a=6, b=0",
            r"$(a,b) \in \{(0,4),(3,2),(6,0)\}$", "(0,4) (3,2) (6,0)", "There are 3 solutions: (0,4), (3,2), (6,0)",
            "| a | b |\n|---|---|\n| 0 | 4 |\n| 3 | 2 |\n| 6 | 0 |", "(6,0);(3,2);(0,4)",
            r"\boxed{(0,4), (3,2), (6,0)}", r"\boxed{(0,4)}, \boxed{(3,2)}, \boxed{(6,0)}",
            "The answer is (0,4), (3,2), (6,0), because 4a + 6b = 24.", "Answer:\n(0, 4); (3, 2); (6, 0)",
            "Answer: (0,4);(3,2);(6,0). These are all.", "All pairs: (0,4); (3,2); (6,0).",
            "So the solutions are: (0, 4), (3, 2) and (6, 0).", "(a,b) = (0,4), (a,b) = (3,2), (a,b) = (6,0)",
            "a=0,b=4\na=3,b=2\na=6,b=0", "{(0, 4), (3, 2), (6, 0)}", "(0 , 4) ; (3 , 2) ; (6 , 0)",
            r"$$(0,4),\ (3,2),\ (6,0)$$", "(0,4),(3,2),(6,0)",
            "(0,4), (3,2), and (6,0)\n\nThese are all the solutions.",
        ],
        "wrong": [
            "(4,0),(2,3),(0,6)", "(0,4),(3,2)", "none", "(0,4),(3,2),(6,0),(6,0)", "(0,4),(3,2),(6,0),(9,-2)",
            "(0,4)", "(0.4),(3.2),(6.0)", "a = 4, b = 0; a = 2, b = 3; a = 0, b = 6", "(0,4);(3,2);(60)",
            "(0,4,3,2,6,0)", "(04);(32);(60)",
        ],
        "unfound": [
            "Answer: (0 0,4);(3,2);(6,0)", "(0,4);(3,2);(6 6,0)", "0,4,3,2,6,0", "(0,4),(3,2),(6 0)",
        ],
    },
    "no pairs": {
        "right": [
            "None", "Answer: no solutions", "There are no solutions.", r"\boxed{\varnothing}",
            "No non-negative integer solutions exist.", "none", "There are no such pairs.",
            "The equation has no solutions.", "There is no solution.", "No solution", "no solutions exist",
            "**None**", "Answer: none.", r"\text{none}", "The answer is: none", "∅.",
            "There are no non-negative integer solutions to 9a + 20b = 44.", "The set of solutions is empty.", "[]",
        ],
        "wrong": [
            "(1,2)", "There are solutions.", "(0,0)",
        ],
    },
    "distances": {
        "right": [
            "A: 11, B: 0, C: 5", "Answer:\nA: 11\nB: 0\nC: 5",
            "| Room | Distance |\n|---|---|\n| A | 11 |\n| B | 0 |\n| C | 5 |", "A = 11, B = 0, C = 5",
            "{'A': 11, 'B': 0, 'C': 5}", "- A: 11\n- B: 0\n- C: 5\n\nI hope this helps!",
            "d(A) = 11, d(B) = 0, d(C) = 5", "Answer: A 11, B 0, C 5.", "**Answer:** A: 11, B: 0, C: 5",
            "Vertex A: 11\nVertex B: 0\nVertex C: 5", "A → 11, B → 0, C → 5", r"\boxed{A 11, B 0, C 5}",
            r"\boxed{\text{A 11, B 0, C 5}}", "The distances are A 11, B 0 and C 5.", "(A, 11), (B, 0), (C, 5)",
            "A 11\nB 0\nC 5", "A: 11 (via C)\nB: 0\nC: 5", "A 11 m, B 0 m, C 5 m", "1. A: 11\n2. B: 0\n3. C: 5",
            '{"A": 11, "B": 0, "C": 5}', "- **A**: 11\n- **B**: 0\n- **C**: 5", "A 11; B 0; C 5",
            "A 11\nB 0\nC 5\n\nThat is all.", "The shortest distances are: A: 11, B: 0, C: 5.", "A=11, B=0, C=5",
            "A - 11, B - 0, C - 5", "A: 11; B: 0; C: 5", "Room A 11, Room B 0, Room C 5",
            "[('A', 11), ('B', 0), ('C', 5)]", "Distance to A: 11\nDistance to B: 0\nDistance to C: 5",
            "A 11, B 0, and C 5", "**A 11, B 0, C 5**", "A (11), B (0), C (5)",
        ],
        "wrong": [
            "A 11, B 0, C 6", "A 11, C 5, B 0", "A 11, B 0", "A 110, B 0, C 5", "A 11, B 0, C 5, D 7",
            "C 5, B 0, A 11",
        ],
        "unfound": [
            "11, 0, 5", "A 1 1, B 0, C 5", "A 11, B 0, C five",
        ],
    },
    "less": {
        "right": [
            "2.5 < 13", "13 > 2.5", "Answer: <", "Answer: **<**", r"\boxed{<}", "2.5 is less than 13.", "&lt;",
            r"$\lt$", "Answer: `<`", "“<”", "'<'", "< (less than)", "less than", "13 is greater than 2.5",
            "The first number is less than the second number.", "x1 < x2", "2.5 ＜ 13", "$2.5 < 13$",
            r"\boxed{2.5 < 13}", "The sign is <.", "So 2.5 < 13, the answer is <.", "2.5 < 13, so the sign is <.",
            "The answer is < because 2.5 < 13.", "Therefore, 2.5 < 13.", "We have 2.5 < 13.", "2.5 m < 13 m",
            "2.5 is smaller than 13.", "Answer: 2.5 < 13", "<|im_start|>assistant\n<<|im_end|>", "<answer><</answer>",
            r"2.5 \lt 13", r"\boxed{\text{<}}", "we conclude that 2.5 < 13", "The sign is **<**",
            "2.5 < 13, since 2 has one digit and 13 has two.", "Answer: < (2.5 is less than 13)", "`2.5 < 13`",
            r"\[2.5 < 13\]", "The correct sign is '<'.", "The first is smaller than the second.", "Less than (<)",
            "<", " < ", "So the answer is `<`.", "Worse (<)", "2 < 3",
        ],
        "wrong": [
            "The answer is >.", "2.5 > 13", ">", "=", "13 < 2.5", "The answer is greater.", "13 is less than 2.5",
            "2.5 > 13 is false", "bigger",
        ],
        "unfound": [
            ">, < or =", "<=", "≤", "not <", "2.5 ≠ 13", "less than or equal", "<>", "> or <", "< or >", "< and >",
            "not less", "<<", "><",
        ],
    },
    "equal": {
        "right": [
            "The answer is =.", "Answer: =", "2.50 = 2.5", "They are equal.", "equal", r"\boxed{=}",
            "The two numbers are equal.", "**=**", "2.50 is equal to 2.5", "2.5 = 2.50", "The answer is `=`.",
            "The numbers are the same.", "Both are equal: =", "Equal (=)", "$=$",
        ],
        "wrong": [
            "<", "2.50 > 2.5",
        ],
        "unfound": [
            "not equal", "≠", "approximately equal", "≈", "!=", "===",
        ],
    },
    "flipped": {
        "right": [
            "Answer: .ew ,god dlO", "The answer is “.ew ,god dlO”.", "Reversed: `.ew ,god dlO`",
            'The reversed sentence is ".ew ,god dlO".', "```\n.ew ,god dlO\n```", "**.ew ,god dlO**",
            r"\boxed{\text{.ew ,god dlO}}", ".ew ,god dlO<|im_end|>", "**Answer: .ew ,god dlO**",
            "**Answer:** .ew ,god dlO", 'Answer: ".ew ,god dlO"', "Reversed: .ew ,god dlO",
            "The reversed sentence is .ew ,god dlO", "Answer:\n> .ew ,god dlO", "Answer:\n\n.ew ,god dlO",
            "```python\ns[::-1]\n```\nOutput:\n```\n.ew ,god dlO\n```", '{"answer": ".ew ,god dlO"}',
            '{"answer": ".ew ,god dlO", "n": 3}', "<answer>.ew ,god dlO</answer>", "<think>hm</think>.ew ,god dlO",
            "The answer is **.ew ,god dlO**.", "`.ew ,god dlO`", "‘.ew ,god dlO’", "Backwards it says “.ew ,god dlO”",
            r"\text{.ew ,god dlO}", ".ew ,god dlO\n", "_.ew ,god dlO_", "The reversed text is:\n\n.ew ,god dlO",
            "The reversed text is:\n\n```\n.ew ,god dlO\n```\n", "Answer: “.ew ,god dlO”", "Result: **.ew ,god dlO**",
            "Reversed sentence: `.ew ,god dlO`.", 'So the reversed string is ".ew ,god dlO"',
            "Final answer: .ew ,god dlO", ".ew ,god dlO</s>", "'.ew ,god dlO'", 'Answer:\n\n".ew ,god dlO"',
            "**Answer:**\n`.ew ,god dlO`", "The answer is:\n.ew ,god dlO",
        ],
        "wrong": [
            "Answer: .ew ,god dlO.", "Answer: .ew ,god dlo", "Answer: .ew god dlO", "Answer: . ew ,god dlO",
            "ew ,god dlO", '".ew ,god dlO."', ".ew  ,god dlO", "Old dog, we.", ".ew ,god dlO!", "“.ew ,god dlO.",
            ".EW ,GOD DLO", "dlO ,god .ew", ". e w , g o d d l O", "Answer: .ew,god dlO", ".ew ,god dlO or so",
            "Answer: .ew ,god dlO Old dog, we.",
        ],
    },
    "subsequence": {
        "right": [
            "The longest common subsequence is cad.", '"cad"', "cad (length 3)", 'The LCS is "cad".', "**cad**",
            "LCS = cad", r"\boxed{\text{cad}}", r"\boxed{cad}", "cad, which has length 3.", "Answer: 'cad'",
            "cad\n\nDone!", "The answer is cad.", "Answer: cad.",
            "The longest common subsequence is **cad** (length 3).", "`cad`", "LCS: cad",
            'The LCS is "cad", of length 3.', "One LCS is cad.", r"\text{cad}",
        ],
        "wrong": [
            "cab", "ca", "caad", "none", "cadd", "dac", "ca or cab",
        ],
        "unfound": [
            "CAD", "cad and cab", "The LCS has length 3.", "3",
        ],
    },
    "no subsequence": {
        "right": [
            "The answer is none.", '""', "empty string", "None", "There is no common subsequence.", 'Answer: ""', "ε",
            "none.", "The LCS is empty.", "The longest common subsequence is the empty string.",
        ],
        "wrong": [
            "a",
        ],
    },
    "substrings": {
        "right": [
            "p, pd, pdx, d, dx, x", '"p", "pd", "pdx", "d", "dx", "x"', "['p','pd','pdx','d','dx','x']",
            "Answer: p,pd,pdx,d,dx,x.", "p, pd, pdx\nd, dx\nx", "[p, pd, pdx, d, dx, x]", "p,pd,pdx,d,dx and x",
            "- p\n- pd\n- pdx\n- d\n- dx\n- x", r"\boxed{p, pd, pdx, d, dx, x}",
            r"\boxed{\text{p, pd, pdx, d, dx, x}}", "`p`, `pd`, `pdx`, `d`, `dx`, `x`",
            "The substrings are: p, pd, pdx, d, dx, x.", "p, pd, pdx, d, dx, x.", "Answer: `p, pd, pdx, d, dx, x`",
            "1. p\n2. pd\n3. pdx\n4. d\n5. dx\n6. x", '["p", "pd", "pdx", "d", "dx", "x"]',
            "“p”, “pd”, “pdx”, “d”, “dx”, “x”",
        ],
        "wrong": [
            "p,pd,pdx,d,dx", "p, pd, pdx, dx, d, x", "p, pd, pdx, d, dx, x, p", "pdx",
        ],
        "unfound": [
            "6", "p pd pdx d dx",
        ],
    },
}
# fmt: on
