#include "benchmarks/shop/word_lists.h"

namespace cacheindex::shop {

const std::string_view kCategoryTree = R"(
# Electronics 电子产品: color connectivity power_source warranty_years weight_grams energy_class
Audio 音响 = wireless headphones 无线耳机, earbuds 耳塞, bluetooth speaker 蓝牙音箱,
  soundbar 回音壁
Computers 电脑 = laptop 笔记本电脑, desktop computer 台式电脑, tablet 平板电脑,
  mini computer 迷你主机
Phones 手机 = smartphone 智能手机, phone case 手机壳, charger 充电器,
  power bank 充电宝
Displays 显示器 = monitor 显示屏, television 电视机, projector 投影仪,
  screen protector 屏幕保护膜
Peripherals 外设 = keyboard 键盘, mouse 鼠标, webcam 摄像头, external drive 移动硬盘
# Fashion 服装: color material size season pattern audience weight_grams
Tops 上衣 = shirt 衬衫, sweater 毛衣, hoodie 连帽衫, polo shirt 马球衫
Bottoms 裤装 = jeans 牛仔裤, trousers 长裤, shorts 短裤, skirt 半身裙
Outerwear 外套 = jacket 夹克, winter coat 冬季大衣, raincoat 雨衣, vest 背心
Shoes 鞋类 = running shoes 跑步鞋, leather boots 皮靴, sandals 凉鞋, slippers 拖鞋
Accessories 配饰 = belt 腰带, scarf 围巾, gloves 手套, sunglasses 太阳镜
# Home 家居: color material style weight_grams warranty_years
Furniture 家具 = office chair 办公椅, dining table 餐桌, bookshelf 书架, sofa 沙发
Bedding 床上用品 = pillow 枕头, duvet cover 被套, mattress 床垫, blanket 毛毯
Lighting 灯具 = desk lamp 台灯, ceiling light 吸顶灯, floor lamp 落地灯,
  string lights 串灯
Decoration 装饰 = vase 花瓶, picture frame 相框, wall clock 挂钟, curtain 窗帘
Storage 收纳 = storage box 收纳盒, laundry basket 洗衣篮, coat rack 衣帽架,
  shoe cabinet 鞋柜
# Kitchen 厨房: color material capacity_ml power_source energy_class weight_grams
Cookware 锅具 = frying pan 煎锅, saucepan 奶锅, wok 炒锅, baking tray 烤盘
Appliances 电器 = coffee machine 咖啡机, kettle 电热水壶, blender 搅拌机,
  toaster 烤面包机
Tableware 餐具 = dinner plate 餐盘, bowl 碗, tea cup 茶杯, wine glass 酒杯
Knives 刀具 = chef knife 主厨刀, cutting board 砧板, scissors 剪刀, peeler 削皮刀
Containers 容器 = lunch box 饭盒, water bottle 水壶, thermos 保温杯, spice jar 调料罐
# Sports 运动: color material size audience season weight_grams
Fitness 健身 = yoga mat 瑜伽垫, dumbbell 哑铃, treadmill 跑步机,
  resistance band 弹力带
Cycling 骑行 = mountain bike 山地自行车, bicycle helmet 骑行头盔,
  bike lock 自行车锁, bike light 车灯
Camping 露营 = tent 帐篷, sleeping bag 睡袋, camping stove 露营炉, backpack 背包
Water sports 水上运动 = swimsuit 泳衣, diving mask 潜水镜, kayak 皮划艇,
  surfboard 冲浪板
Ball games 球类 = football 足球, basketball 篮球, tennis racket 网球拍,
  badminton set 羽毛球套装
# Beauty 美妆: skin_type scent volume_ml audience country_of_origin
Skin care 护肤 = face cream 面霜, cleanser 洁面乳, sunscreen 防晒霜, serum 精华液
Hair care 护发 = shampoo 洗发水, conditioner 护发素, hair dryer 吹风机,
  hair brush 梳子
Makeup 彩妆 = lipstick 口红, mascara 睫毛膏, foundation 粉底液, eye shadow 眼影
Fragrance 香氛 = perfume 香水, scented candle 香薰蜡烛, body spray 身体喷雾,
  diffuser 香薰机
Oral care 口腔护理 = toothbrush 牙刷, toothpaste 牙膏, mouthwash 漱口水,
  dental floss 牙线
# Toys 玩具: color material age_group pattern weight_grams
Building 积木 = building blocks 积木, model train 模型火车, magnetic tiles 磁力片,
  marble run 滚珠轨道
Dolls 娃娃 = teddy bear 泰迪熊, doll house 娃娃屋, puppet 木偶, plush rabbit 毛绒兔
Games 游戏 = board game 桌游, puzzle 拼图, card game 纸牌游戏, chess set 国际象棋
Outdoor 户外玩具 = kite 风筝, scooter 滑板车, water gun 水枪, trampoline 蹦床
Learning 益智 = science kit 科学实验套装, globe 地球仪, drawing tablet 画板,
  toy piano 玩具钢琴
# Garden 花园: color material power_source season warranty_years weight_grams
Tools 工具 = lawn mower 割草机, pruning shears 修枝剪, shovel 铁锹,
  garden hose 花园水管
Plants 植物 = flower seeds 花种, potted plant 盆栽, fruit tree 果树, bulb set 球根套装
Patio 庭院 = garden bench 花园长椅, parasol 遮阳伞, hammock 吊床, fire pit 火盆
Grilling 烧烤 = charcoal grill 炭烤炉, gas grill 燃气烤炉, grill brush 烤架刷,
  smoker 烟熏炉
Watering 浇灌 = watering can 洒水壶, sprinkler 喷灌器, rain barrel 雨水桶,
  drip kit 滴灌套装
# Office 办公: color material pattern country_of_origin weight_grams
Paper 纸品 = notebook 笔记本, sticky notes 便利贴, printer paper 打印纸,
  envelope 信封
Writing 书写 = fountain pen 钢笔, pencil set 铅笔套装, marker 记号笔,
  highlighter 荧光笔
Machines 办公设备 = printer 打印机, shredder 碎纸机, label maker 标签机,
  calculator 计算器
Organizing 整理 = desk organizer 桌面收纳, folder 文件夹, stapler 订书机,
  whiteboard 白板
Bags 包袋 = briefcase 公文包, laptop sleeve 电脑内胆包, messenger bag 邮差包,
  pencil case 笔袋
# Pets 宠物: flavor size material pet country_of_origin weight_grams
Dogs 狗 = dog food 狗粮, dog leash 牵引绳, dog bed 狗窝, chew toy 磨牙玩具
Cats 猫 = cat food 猫粮, cat litter 猫砂, scratching post 猫抓板, cat tree 猫爬架
Fish 鱼 = aquarium 水族箱, fish food 鱼食, water filter 过滤器, air pump 气泵
Birds 鸟 = bird cage 鸟笼, bird seed 鸟食, bird bath 鸟浴盆, perch 栖木
Travel 出行 = pet carrier 宠物包, travel bowl 便携碗, car seat cover 车载垫,
  pet stroller 宠物推车
# Food 食品: flavor organic country_of_origin volume_ml weight_grams
Drinks 饮品 = green tea 绿茶, coffee beans 咖啡豆, orange juice 橙汁,
  sparkling water 气泡水
Snacks 零食 = potato chips 薯片, dark chocolate 黑巧克力, mixed nuts 混合坚果,
  dried mango 芒果干
Pantry 粮油 = olive oil 橄榄油, jasmine rice 茉莉香米, wheat noodles 小麦面,
  soy sauce 酱油
Breakfast 早餐 = muesli 麦片, honey 蜂蜜, strawberry jam 草莓酱, peanut butter 花生酱
Sweets 糖果 = fruit candy 水果糖, biscuits 饼干, caramel 焦糖, rice cake 年糕
# Automotive 汽车用品: color material vehicle warranty_years weight_grams
Interior 内饰 = floor mat 脚垫, seat cover 座椅套, phone mount 手机支架,
  steering cover 方向盘套
Care 养护 = car wax 车蜡, wash mitt 洗车手套, glass cleaner 玻璃水,
  vacuum cleaner 吸尘器
Electrics 车载电器 = dash camera 行车记录仪, jump starter 应急启动电源,
  car charger 车载充电器, led bulb 车灯泡
Wheels 轮胎 = winter tire 冬季轮胎, wheel cover 轮毂盖, tire inflator 充气泵,
  snow chain 防滑链
Transport 运输 = roof box 车顶箱, bike rack 自行车架, tow rope 拖车绳,
  cargo net 行李网
)";

const std::string_view kAttributes = R"(
color: black 黑色, white 白色, grey 灰色, blue 蓝色, red 红色, green 绿色,
  silver 银色, brown 棕色, beige 米色, pink 粉色, navy 藏青色, yellow 黄色,
  orange 橙色, purple 紫色, gold 金色, turquoise 青绿色, ivory 象牙白,
  burgundy 酒红色, olive 橄榄绿, charcoal 炭灰色
material: cotton 棉, polyester 聚酯纤维, steel 不锈钢, aluminium 铝合金, wood 实木,
  plastic 塑料, glass 玻璃, leather 真皮, wool 羊毛, ceramic 陶瓷, silicone 硅胶,
  bamboo 竹, linen 亚麻, nylon 尼龙, oak 橡木, copper 铜, cork 软木, denim 丹宁布
size: medium 中号, large 大号, small 小号, extra large 加大号, extra small 加小号,
  one size 均码
season: all year 四季, summer 夏季, winter 冬季, spring 春季, autumn 秋季
pattern: plain 纯色, striped 条纹, checked 格纹, floral 花卉, dotted 波点,
  printed 印花
audience: women 女士, men 男士, unisex 男女通用, children 儿童, teenagers 青少年
style: modern 现代, scandinavian 北欧, industrial 工业风, classic 经典, rustic 乡村,
  minimalist 极简
connectivity: bluetooth 蓝牙, usb 有线, wifi 无线网络, nfc 近场通信, none 无
power_source: battery 电池, mains 电源, solar 太阳能, manual 手动, petrol 汽油
energy_class: A 一级, B 二级, C 三级, D 四级, E 五级
skin_type: all skin 所有肤质, dry skin 干性, oily skin 油性, sensitive skin 敏感性,
  mixed skin 混合性
scent: unscented 无香, lavender 薰衣草, citrus 柑橘, rose 玫瑰, vanilla 香草,
  sandalwood 檀香, mint 薄荷
flavor: original 原味, chicken 鸡肉, beef 牛肉, salmon 三文鱼, vanilla 香草,
  lemon 柠檬, honey 蜂蜜, spicy 香辣
pet: adult 成年, young 幼年, senior 老年
organic: organic 有机, conventional 常规
age_group: 3 years 三岁以上, 6 years 六岁以上, 9 years 九岁以上,
  12 years 十二岁以上
vehicle: universal 通用, compact car 小型车, estate car 旅行车, van 面包车,
  truck 卡车
country_of_origin: China 中国, Germany 德国, Italy 意大利, Vietnam 越南,
  Turkey 土耳其, Portugal 葡萄牙, India 印度, Japan 日本, Poland 波兰, France 法国
warranty_years# 1 10 years
weight_grams# 20 25000 g
capacity_ml# 100 5000 ml
volume_ml# 10 2000 ml
)";

const std::string_view kWarehouses = R"(
Shanghai 上海 CN 31.2304 121.4737
Shenzhen 深圳 CN 22.5431 114.0579
Beijing 北京 CN 39.9042 116.4074
Chengdu 成都 CN 30.5728 104.0668
Guangzhou 广州 CN 23.1291 113.2644
Hangzhou 杭州 CN 30.2741 120.1551
Hamburg 汉堡 DE 53.5511 9.9937
Leipzig 莱比锡 DE 51.3397 12.3731
Munich 慕尼黑 DE 48.1351 11.582
Rotterdam 鹿特丹 NL 51.9244 4.4777
Lyon 里昂 FR 45.764 4.8357
Paris 巴黎 FR 48.8566 2.3522
Milan 米兰 IT 45.4642 9.19
Madrid 马德里 ES 40.4168 -3.7038
Lisbon 里斯本 PT 38.7223 -9.1393
Warsaw 华沙 PL 52.2297 21.0122
Prague 布拉格 CZ 50.0755 14.4378
Vienna 维也纳 AT 48.2082 16.3738
London 伦敦 GB 51.5074 -0.1278
Dublin 都柏林 IE 53.3498 -6.2603
Stockholm 斯德哥尔摩 SE 59.3293 18.0686
Chicago 芝加哥 US 41.8781 -87.6298
Seattle 西雅图 US 47.6062 -122.3321
Singapore 新加坡 SG 1.3521 103.8198
)";

}  // namespace cacheindex::shop
