#ifndef ANSWER_H_
#define ANSWER_H_

void Act();
int Result();

#endif  // ANSWER_H_
