"""The course's terms in English and Chinese, each with the lesson that teaches it; a test finds the term there."""

from __future__ import annotations

from typing import NamedTuple


class Term(NamedTuple):
    """A term: English, Chinese, the lesson that teaches it, what it is in a few words."""

    english: str
    chinese: str
    lesson: str
    meaning: str


GLOSSARY = tuple(sorted((
    Term("accuracy", "准确率", "00", "the share of examples that were answered right"),
    Term("activation", "激活函数", "01b", "the bend between two layers, such as ReLU"),
    Term("Adam", "Adam 优化器", "08a", "an optimiser with momentum and a step size a weight"),
    Term("attention", "注意力", "13b", "a weighted mean of values, the weights from how well keys fit a query"),
    Term("augmentation", "数据增强", "05b", "changing training examples in ways that keep their label"),
    Term("autoencoder", "自编码器", "04a", "a network that redraws its input through a narrow code"),
    Term("average precision", "平均精度", "11a", "the area under precision over recall"),
    Term("backpropagation", "反向传播", "01b", "the chain rule, from the loss back through all layers"),
    Term("baseline", "基线", "00", "the plain answer that a model must beat"),
    Term("batch", "批", "01b", "the examples from which one step's gradient is taken"),
    Term("batch norm", "批归一化", "07b", "bringing each unit's values over a batch to mean 0 and spread 1"),
    Term("bias", "偏置", "01a", "the number that a neuron adds to its weighted sum"),
    Term("bootstrap", "自助法", "09a", "drawing the test set anew from itself to see how a score varies"),
    Term("calibration", "校准", "09a", "whether 80 % sure means right in 80 of 100"),
    Term("channel", "通道", "02a", "one of several maps that lie on each other"),
    Term("checkpoint", "检查点", "08b", "all that is needed to go on with a training"),
    Term("confusion", "混淆矩阵", "00", "a table of what was said for what was true"),
    Term("convolution", "卷积", "02a", "the same small window of weights laid on every place"),
    Term("cross-entropy", "交叉熵", "01a", "the negative log of the probability that was given to the truth"),
    Term("CTC", "联结主义时序分类", "12b", "a loss that sums over all ways to place letters in time"),
    Term("decoder", "解码器", "04a", "the part that draws from a code"),
    Term("dropout", "随机失活", "07b", "switching random units off while training"),
    Term("embedding", "嵌入", "13a", "a list of numbers that stands for a word"),
    Term("encoder", "编码器", "04a", "the part that makes a code of the input"),
    Term("epoch", "轮次", "00", "one use of every training example"),
    Term("feature", "特征", "06a", "a number that says something about an example"),
    Term("fine-tuned", "微调", "06a", "trained further, from weights that were learned elsewhere"),
    Term("gate", "门", "03a", "a number from 0 to 1 that lets a part of the memory through"),
    Term("gradient", "梯度", "01a", "the slope of the loss along each weight"),
    Term("GRU", "门控循环单元", "03a", "a recurrent cell with two gates"),
    Term("hyperparameter", "超参数", "00", "a setting that training does not learn, such as the learning rate"),
    Term("initialisation", "初始化", "01b", "how large the first random weights are"),
    Term("IoU", "交并比", "11a", "the overlap of two boxes over their union"),
    Term("kernel", "卷积核", "02a", "the window of weights of a convolution"),
    Term("label", "标签", "00", "the right answer that comes with an example"),
    Term("layer", "层", "01b", "units that see the same input"),
    Term("learning rate", "学习率", "01a", "how far a step goes along the gradient"),
    Term("logits", "对数几率", "01a", "scores before the softmax"),
    Term("loss", "损失", "01a", "the number that training makes small"),
    Term("LSTM", "长短期记忆", "03a", "a recurrent cell with a memory and three gates"),
    Term("momentum", "动量", "01a", "a memory of earlier gradients in each step"),
    Term("nearest neighbour", "最近邻", "00", "the answer of the training example that looks most alike"),
    Term("NMS", "非极大值抑制", "11a", "keeping the best of boxes that overlap"),
    Term("optimiser", "优化器", "08a", "the rule that turns gradients into steps"),
    Term("over-fit", "过拟合", "01b", "to learn the training examples better than what they have in common"),
    Term("padding", "填充", "02a", "zeros laid around a picture"),
    Term("parameter", "参数", "01b", "a number that training learns"),
    Term("PCA", "主成分分析", "04a", "the plane that keeps most of the spread"),
    Term("perplexity", "困惑度", "13a", "how many next letters a model hesitates between"),
    Term("pooling", "池化", "02a", "keeping the greatest or the mean of each window"),
    Term("precision", "精确率", "09a", "the share of alarms that were right"),
    Term("pruning", "剪枝", "14b", "setting small weights to zero"),
    Term("recall", "召回率", "09a", "the share of the wanted that was found"),
    Term("receptive field", "感受野", "02a", "the part of the input that one value sees"),
    Term("residual", "残差", "07b", "a branch that is added to what goes past it"),
    Term("seed", "随机种子", "00", "the number from which chance is drawn"),
    Term("softmax", "归一化指数函数", "01a", "scores made into probabilities"),
    Term("spectrogram", "语谱图", "12a", "how strong each frequency is at each time"),
    Term("standardise", "标准化", "05b", "to subtract the mean and divide by the spread"),
    Term("stride", "步幅", "02a", "how far a window moves"),
    Term("temperature", "温度", "03c", "what logits are divided by before the softmax"),
    Term("test", "测试集", "00", "the part that is opened once, at the end"),
    Term("token", "词元", "13a", "a piece of text that a model reads as one"),
    Term("t-SNE", "t-SNE 降维", "06b", "a map that keeps neighbours and invents distances"),
    Term("validation", "验证集", "00", "the part on which choices are made"),
    Term("vanish", "消失", "03a", "what gradients do on a long way back"),
    Term("variational", "变分", "04b", "with codes that are clouds, and a bound on the probability"),
    Term("weight", "权重", "01a", "a number by which an input is multiplied"),
    Term("weight decay", "权重衰减", "08b", "shrinking all weights a little at each step"),
    Term("whiten", "白化", "05b", "to turn and scale data until all directions are alike"),
), key=lambda term: term.english.lower()))
