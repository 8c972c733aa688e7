#include "benchmarks/shop/word_lists.h"

namespace cacheindex::shop {

const std::string_view kFrequentWords = R"(
the and with for of to in a is your this from it on that you or are by be as an can at which has
all our more very any one two its will not every also easy have easily use so well than other made
both when while without between into over under up out only after most just even many new great
)";

const std::string_view kRetailWords = R"(
quality design comfort home day set size color soft light strong perfect fit material daily style
high ideal best water safe gift fast clean long range power battery travel kitchen outdoor indoor
family life smart simple modern classic durable lightweight compact portable adjustable reliable
washable breathable waterproof natural organic premium original handmade elegant flexible sturdy
robust quiet warm cool bright dark sharp smooth fresh large small medium wide narrow deep slim
thick thin heavy double single triple multi extra ultra super mini maxi pocket full half inch
metal wood cotton leather steel glass plastic wool silk linen rubber paper stone ceramic fabric
pack pair piece kit box bag case cover holder stand frame handle strap button zipper lining sole
sleeve collar hood cord cable plug switch sensor display screen speaker lens filter pump motor
blade edge lid rim base wheel spring seat back arm leg foot hand head face eye skin hair body
morning evening night summer winter spring autumn weekend holiday party office school garden
balcony bathroom bedroom living dining room table chair desk shelf wall floor door window car bike
camping hiking running cycling swimming fitness yoga training sport game play work study reading
writing drawing cooking baking grilling cleaning washing sleeping walking children women men baby
adult dog cat pet bird fish plant flower tree leaf fruit vegetable coffee tea juice chocolate honey
care repair replacement warranty delivery return price value offer sale stock order customer review
rating brand model series edition version collection season trend pattern print texture finish
surface layer coating protection resistance temperature pressure noise speed weight capacity volume
length width height depth energy charge hours minutes seconds degrees percent level mode control
remote wireless bluetooth digital automatic manual electric solar rechargeable included optional
available suitable compatible certified tested recommended popular favorite practical versatile
stylish timeless beautiful comfortable convenient efficient effective innovative professional
ergonomic stackable foldable removable reusable recyclable sustainable dishwasher microwave oven
freezer fridge machine hand wash dry iron cold hot heat steam air ventilation insulation padding
cushion support grip balance stability precision accuracy performance experience solution choice
everyday anywhere everywhere always never quickly gently evenly securely perfectly simply directly
keep keeps protect protects provide provides offer offers store stores carry carries connect
connects enjoy enjoys create creates bring brings make makes give gives fits matches lasts holds
helps saves reduces improves supports ensures allows includes features combines delivers prevents
)";

const std::string_view kAdjectives = R"(
wireless 无线, portable 便携, premium 高级, compact 紧凑, classic 经典, modern 现代, smart 智能,
lightweight 轻便, waterproof 防水, durable 耐用, foldable 可折叠, adjustable 可调节, soft 柔软,
elegant 优雅, professional 专业, ergonomic 人体工学, organic 有机, natural 天然, handmade 手工,
vintage 复古, slim 纤薄, heavy duty 重型, rechargeable 可充电, silent 静音, fast 快速,
breathable 透气, stylish 时尚, sturdy 坚固, minimalist 极简, deluxe 豪华, everyday 日常, eco 环保,
outdoor 户外, travel 旅行, family 家庭, mini 迷你, extra large 超大, ultra light 超轻,
insulated 保温, magnetic 磁吸, universal 通用, digital 数码, automatic 自动, warm 保暖, fresh 新鲜,
robust 结实, flexible 柔韧, bright 明亮, cozy 舒适, sporty 运动
)";

const std::string_view kTags = R"(
new 新品, sale 特价, bestseller 热销, gift 礼品, eco 环保, limited 限量, exclusive 独家,
free shipping 包邮, refurbished 翻新, clearance 清仓, premium 高端, budget 实惠, trending 流行,
staff pick 精选, online only 仅限网上, bundle 组合, preorder 预售, award winner 获奖,
summer deal 夏季优惠, winter deal 冬季优惠, back to school 开学季, weekend deal 周末优惠,
vegan 纯素, fair trade 公平贸易, local 本地, imported 进口, heavy item 大件, fragile 易碎,
last chance 最后机会, members 会员
)";

const std::string_view kCountries = R"(
China 中国, Germany 德国, United States 美国, Japan 日本, Italy 意大利, France 法国, Sweden 瑞典,
United Kingdom 英国, South Korea 韩国, Spain 西班牙, Netherlands 荷兰, Poland 波兰, Turkey 土耳其,
Portugal 葡萄牙, Vietnam 越南, India 印度, Switzerland 瑞士, Denmark 丹麦, Austria 奥地利,
Canada 加拿大
)";

const std::string_view kStems = R"(
aero agri alto ambi anti aqua arbo astra audi avi bar bel bene bio bor bri cal cam can cap car cel
cent cer cir civ cla clar cor cred cul cur dar den dic dom dor dur eco elec equi fac fer fid fin
fla flor form fort gal gen geo glo gra gran gust har hel hum hydro jun jur lab lam lat lev lib lin
loc lum luna mag man mar mel mer min mir mobi mon mor nav neb nor nov oct omni opti orb pal pan pel
per pla pol port prim pro pur qua rad ral rec reg riv rot rub sal san sel sen ser sil sol son spec
stel str sur tal tan tel tem ter tor tri tur ur val van vel ven ver vic vir vit vol zen
)";

const std::string_view kMiddles = R"(
a ab al an ar at e el em en er et i il in ir is o on or u ur
)";

const std::string_view kEndings = R"(
able al ance ant ary ate cy dent ed ent er ery est ful ia ible ine ing ion ish ist ity ium ive
less ly ment ness or ous ship tic tion ture ward wise
)";

const std::string_view kBrandEndings = R"(
ix ora ex ia um on is o ea ent ova eon ara ity ette ine able well mark land tech line craft works
)";

const std::string_view kChineseWords = R"(
质量 设计 舒适 家庭 日常 套装 尺寸 颜色 柔软 轻便 坚固 完美 合身 材料 风格 高级 理想 最佳 防水 安全
礼物 快速 清洁 长久 范围 电源 电池 旅行 厨房 户外 室内 生活 智能 简单 现代 经典 耐用 紧凑 便携 可调
可靠 可洗 透气 天然 有机 优质 原装 手工 优雅 灵活 结实 安静 温暖 凉爽 明亮 锋利 光滑 新鲜 大号 小号
中号 宽敞 纤薄 厚实 轻薄 双层 单人 三层 多功能 超级 迷你 口袋 金属 木质 棉质 皮革 钢材 玻璃 塑料
羊毛 丝绸 亚麻 橡胶 纸张 石材 陶瓷 面料 包装 一对 配件 盒子 袋子 外壳 支架 框架 把手 背带 按钮 拉链
内衬 鞋底 袖子 衣领 帽子 电线 插头 开关 传感器 显示屏 屏幕 扬声器 镜头 滤网 水泵 电机 刀片 边缘 盖子
底座 轮子 弹簧 座椅 靠背 早晨 晚上 夏季 冬季 春季 秋季 周末 假期 聚会 办公室 学校 花园 阳台 浴室 卧室
客厅 餐厅 桌子 椅子 书桌 架子 墙面 地板 门窗 汽车 自行车 露营 徒步 跑步 骑行 游泳 健身 瑜伽 训练 运动
游戏 工作 学习 阅读 写作 绘画 烹饪 烘焙 烧烤 洗涤 睡眠 散步 儿童 女士 男士 婴儿 成人 宠物 植物 花朵
树木 水果 蔬菜 咖啡 茶叶 果汁 巧克力 蜂蜜 护理 维修 更换 保修 配送 退货 价格 价值 优惠 促销 库存 订单
顾客 评价 评分 品牌 型号 系列 版本 收藏 季节 潮流 图案 印花 质感 工艺 表面 涂层 保护 耐磨 温度 压力
噪音 速度 重量 容量 体积 长度 宽度 高度 深度 能源 充电 小时 分钟 模式 控制 遥控 无线 蓝牙 数码 自动
手动 电动 太阳能 包含 可选 适合 兼容 认证 测试 推荐 热门 喜爱 实用 百搭 时尚 美观 方便 高效 创新 专业
人体工学 可叠放 可折叠 可拆卸 可重复使用 环保 洗碗机 微波炉 烤箱 冰箱 机洗 手洗 烘干 熨烫 加热 蒸汽
通风 保温 填充 支撑 握感 平衡 稳定 精准 性能 体验 选择 随时 随地 轻松 快捷 温和 均匀 牢固 保持 提供
存放 携带 连接 享受 创造 带来 制作 帮助 节省 减少 改善 确保 允许 具有 结合 防止 我们 您的 非常 更加
)";

const std::string_view kChineseFirst = R"(
新 美 金 银 天 海 山 云 星 月 风 雨 雪 花 木 石 玉 龙 凤 春 夏 秋 冬 东 西 南 北 中 大 小 高 低 长 短 轻
重 快 慢 明 暗 清 静 安 和 乐 福 吉 祥 优 良 精 细 纯 真 善 华 丽 雅 致 奇 妙 灵 巧 智 慧 勇 强 健 康 温
暖 凉 爽 甜 香 鲜 嫩 软 硬 圆 方 平 直 双 多 全 通 便 捷 省 净 亮 彩 红 蓝 绿 白
)";

const std::string_view kChineseSecond = R"(
品 居 家 具 器 机 车 船 房 屋 门 窗 床 桌 椅 灯 镜 杯 碗 盘 刀 锅 壶 瓶 盒 箱 包 袋 鞋 帽 衣 裤 裙 袜 巾
毯 枕 垫 帘 布 线 绳 带 网 板 架 柜 台 座 轮 球 棋 琴 笔 纸 书 画 表 钟 机 屏 键 音 声 光 电 水 火 气 油
盐 糖 茶 酒 果 菜 米 面 豆 肉 鱼 鸟 虫 草 叶 根 枝 林 园 田 路 桥 城 市 店 坊 阁 轩
)";

}  // namespace cacheindex::shop
